# Makes the README's table of faults out of the rows that the tests have written:
# fault, "warm" or "cold", milliseconds, what the application's user sees.
BEGIN {
  FS = "\t"
  print "| fault | warm | just started | the user sees |"
  print "|---|---|---|---|"
}
{
  if (!($1 in seen)) order[++count] = $1
  if (seen[$1] == "" || $4 ~ /error/) seen[$1] = $4
  if ($3 > worst[$1, $2]) worst[$1, $2] = $3
}
function seconds(fault, temperature) {
  return ((fault, temperature) in worst) ? sprintf("%.2f s", worst[fault, temperature] / 1000) : "–"
}
END {
  for (i = 1; i <= count; i++) {
    fault = order[i]
    printf "| %s | %s | %s | %s |\n", fault, seconds(fault, "warm"), seconds(fault, "cold"), seen[fault]
  }
}
