// glibc 2.35 gave hypotf a second version, which FoundationEssentials asks for and Amazon Linux 2023
// (glibc 2.34) does not have. The result is the same: no product of two floats overflows a double,
// and infinity wins over NaN.
float hypotf(float x, float y) {
  if (__builtin_isinf(x) || __builtin_isinf(y)) return __builtin_inff();
  return (float)__builtin_sqrt((double)x * x + (double)y * y);
}
