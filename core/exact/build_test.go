package exact

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/cpu"
)

// goTool runs the go command with additions to the environment.
func goTool(t *testing.T, environment []string, arguments ...string) string {
	t.Helper()
	c := exec.CommandContext(t.Context(), "go", arguments...)
	c.Env = append(os.Environ(), environment...)
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v go %v: %v\n%s", environment, arguments, err, out)
	}
	return string(out)
}

// TestNumbersAreTheSameInOtherBuilds runs what is named TestKnown... where the
// compilers may fuse multiply and add, and where the processor seems to have fewer
// instructions.
func TestNumbersAreTheSameInOtherBuilds(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skipf("GOAMD64 means nothing on %s, whose own build has the same sums in the tests "+
			"named TestKnown...", runtime.GOARCH)
	}
	run := func(environment ...string) {
		goTool(t, environment, "test", "-vet=off", "-run", "^TestKnown", "mixfolder/core/exact",
			"mixfolder/core/rng", "mixfolder/core/plan", "mixfolder/core/sampler",
			"mixfolder/core/resample", "mixfolder/core/imageop", "mixfolder/core/augment",
			"mixfolder/core/mix")
	}
	run("GOAMD64=v1", "GODEBUG=cpu.fma=off,cpu.avx2=off")
	if x := cpu.X86; !(x.HasAVX2 && x.HasFMA && x.HasBMI1 && x.HasBMI2 && x.HasOSXSAVE) {
		t.Skip("this processor does not run what GOAMD64=v3 builds")
	}
	run("GOAMD64=v3", "CGO_CFLAGS=-g -O2 -march=x86-64-v3")
}

// exactMath are the functions of package math with one right answer.
var exactMath = map[string]bool{
	"Abs": true, "Ceil": true, "Copysign": true, "Float32bits": true, "Float32frombits": true,
	"Float64bits": true, "Float64frombits": true,
	"Floor": true, "Frexp": true, "Inf": true, "IsInf": true, "IsNaN": true, "Ldexp": true,
	"Mod": true,
	"NaN": true, "Nextafter32": true, "Round": true,
	"RoundToEven": true, "Signbit": true, "Sqrt": true, "Trunc": true,
}

// TestNoArithmeticDependsOnTheBuild reads the source of all packages: on processors
// other than this one the compiler fuses more.
func TestNoArithmeticDependsOnTheBuild(t *testing.T) {
	exports := map[string]string{}
	for line := range strings.Lines(goTool(t, nil, "list", "-export", "-deps", "-f",
		"{{.ImportPath}}\t{{.Export}}", "mixfolder/core/...")) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), "\t")
		exports[path] = file
	}
	files := token.NewFileSet()
	open := func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) }
	config := types.Config{Importer: importer.ForCompiler(files, "gc", open)}
	found := 0
	compiled := goTool(t, nil, "list", "-compiled", "-f",
		`{{.Dir}}{{range .CompiledGoFiles}}{{"\t"}}{{.}}{{end}}`, "mixfolder/core/...")
	for line := range strings.Lines(compiled) {
		part := strings.Split(strings.TrimSpace(line), "\t")
		var parsed []*ast.File
		for _, name := range part[1:] { // what cgo made lies elsewhere
			if !filepath.IsAbs(name) {
				name = filepath.Join(part[0], name)
			}
			file, err := parser.ParseFile(files, name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			parsed = append(parsed, file)
		}
		info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{},
			Uses: map[*ast.Ident]types.Object{}}
		if _, err := config.Check(part[0], files, parsed, info); err != nil {
			t.Fatal(err)
		}
		for _, file := range parsed {
			found += inspect(t, files, file, info)
		}
	}
	if found < 100 {
		t.Errorf("only %d products and functions were found", found)
	}
}

// inspect reports the products of a file that might be fused and the functions that
// have no place in it, and counts all.
func inspect(t *testing.T, files *token.FileSet, file *ast.File, info *types.Info) (found int) {
	var above []ast.Node // without parentheses
	ast.Inspect(file, func(n ast.Node) bool {
		if n == nil {
			above = above[:len(above)-1]
			return true
		}
		parent := ast.Node(file)
		for i := len(above) - 1; i >= 0; i-- {
			if _, is := above[i].(*ast.ParenExpr); !is {
				parent = above[i]
				break
			}
		}
		above = append(above, n)
		switch n := n.(type) {
		case *ast.Ident:
			if f, is := info.Uses[n].(*types.Func); is && f.Pkg() != nil &&
				f.Pkg().Path() == "math" {
				found++
				if !exactMath[f.Name()] {
					t.Errorf("%v: math.%s gives other bits on other processors: use package exact",
						files.Position(n.Pos()), f.Name())
				}
			}
		case *ast.BinaryExpr:
			if n.Op == token.MUL && isFloat(info, n) {
				found++
				if !rounds(info, parent) {
					t.Errorf("%v: the compiler may fuse this product with a sum: write "+
						"float64(x*y)",
						files.Position(n.OpPos))
				}
			}
		case *ast.AssignStmt:
			if n.Tok == token.MUL_ASSIGN && isFloat(info, n.Lhs[0]) {
				t.Errorf("%v: the compiler may fuse this product with a sum: write "+
					"x = float64(x*y)",
					files.Position(n.TokPos))
			}
		}
		return true
	})
	return found
}

// isFloat is true for variable floating-point numbers.
func isFloat(info *types.Info, e ast.Expr) bool {
	of := info.Types[e]
	if of.Type == nil || of.Value != nil {
		return false
	}
	basic, is := of.Type.Underlying().(*types.Basic)
	return is && basic.Info()&types.IsFloat != 0
}

// rounds is true where a product is an operand that cannot be fused: of a conversion,
// another product, a quotient or a comparison.
func rounds(info *types.Info, parent ast.Node) bool {
	switch parent := parent.(type) {
	case *ast.CallExpr:
		f, _ := parent.Fun.(*ast.SelectorExpr)
		return info.Types[parent.Fun].IsType() || f != nil && info.Uses[f.Sel] != nil &&
			info.Uses[f.Sel].Pkg().Path() == "math"
	case *ast.BinaryExpr:
		return parent.Op != token.ADD && parent.Op != token.SUB
	}
	return false
}
