package imagefile

import "fmt"

// numberAndName formats the value of a tag, followed by its name if that is known.
func numberAndName(n uint32, names map[uint32]string) string {
	if name := names[n]; name != "" {
		return fmt.Sprintf("%d (%s)", n, name)
	}
	return fmt.Sprint(n)
}

// tiffCompressions names the compression schemes that are registered or found in files.
var tiffCompressions = map[uint32]string{
	tiffRaw: "none", tiffFaxRLE: "CCITT RLE", tiffFax3: "CCITT Group 3",
	tiffFax4: "CCITT Group 4", tiffLZW: "LZW",
	6: "old-style JPEG", tiffJPEG: "JPEG", tiffDeflate: "Deflate", 9: "JBIG", 10: "JBIG",
	32766: "NeXT", 32767: "Sony raw",
	32769: "Epson raw", 32770: "Samsung raw", 32771: "CCITT RLE of words",
	tiffPackBits: "PackBits", 32809: "ThunderScan",
	32895: "IT8", 32896: "IT8", 32897: "IT8", 32898: "IT8", 32908: "PixarFilm",
	32909: "PixarLog", tiffOldDeflate: "Deflate",
	32947: "Kodak DCS", 33003: "JPEG 2000", 33004: "JPEG 2000", 33005: "JPEG 2000",
	34661: "JBIG", 34676: "SGILog",
	34677: "SGILog of 24 bits", 34712: "JPEG 2000", 34713: "Nikon raw", 34715: "JBIG2",
	34887: "LERC", 34892: "lossy JPEG of DNG",
	34925: "LZMA", 34933: "PNG", 34934: "JPEG XR", 50000: "Zstandard", 50001: "WebP",
	50002: "JPEG XL", 52546: "JPEG XL",
	65000: "Kodak DCR", 65535: "Pentax raw",
}

// tiffPhotometrics names the registered photometric interpretations.
var tiffPhotometrics = map[uint32]string{
	tiffWhiteIsZero: "white is zero", tiffBlackIsZero: "black is zero", tiffRGB: "RGB",
	tiffPalette: "palette", 4: "mask",
	tiffCMYK: "CMYK", tiffYCbCr: "YCbCr", 8: "CIE L*a*b*", 9: "ICC L*a*b*", 10: "ITU L*a*b*",
	32803: "color filter array",
	32844: "LogL", 32845: "LogLuv", 34892: "linear raw", 51177: "depth map",
	52527: "semantic mask",
}

// tiffSampleKinds names the values of SampleFormat.
var tiffSampleKinds = map[uint32]string{
	1: "unsigned integer", 2: "signed integer", 3: "floating point", 4: "undefined",
	5: "complex integer", 6: "complex floating point",
}
