# Makes of the page that generate-manual writes one whose examples can be copied: a line that is indented in --help
# stands as it does there, neither filled nor hyphenated, with plain hyphens and quotes. An empty line, by which
# generate-manual tells paragraphs apart, becomes mdoc's macro for that.

/^$/ {
  empty = 1
  next
}

/^ / {
  if (!literal) print ".Bd -literal"
  else if (empty) print ""
  literal = 1
  empty = 0
  gsub(/-/, "\\-")
  gsub(/'/, "\\(aq")
  print
  next
}

{
  if (literal) print ".Ed"
  if (empty) print ".Pp"
  literal = 0
  empty = 0
  print
}

# Some implementations of mdoc hyphenate anew after each of these.
/^\.(Sh|It)/ { print ".nh" }
