"""What tests share, and what makes their files: no test by itself."""
