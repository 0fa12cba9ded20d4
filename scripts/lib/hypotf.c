// glibc 2.35 gave hypotf a second version, which Amazon Linux 2023 (glibc 2.34) does not have. Nobody
// here calls it, but Swift's module Glibc asks for it, and is linked whole. The result is the same: no
// product of two floats overflows a double, and infinity wins over NaN.
float hypotf(float x, float y) {
  if (__builtin_isinf(x) || __builtin_isinf(y)) return __builtin_inff();
  return (float)__builtin_sqrt((double)x * x + (double)y * y);
}
