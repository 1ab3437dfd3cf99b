"""Tables of files and labels."""


def csv_file(table, path):
    """A CSV file of a dict of columns."""
    lines = [
        ",".join(table),
        *(",".join(map(str, row)) for row in zip(*table.values(), strict=True)),
    ]
    path.write_text("\n".join(lines) + "\n")
    return path
