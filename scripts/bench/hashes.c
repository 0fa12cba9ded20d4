// How long one hash of each kind takes, by the libraries that the function has, beside bcrypt of cost 12 in the same run.
//
//   hashes          prints for each: name, milliseconds (the least of several), and the part of bcrypt's
#include <argon2.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

char *crypt_rn(const char *phrase, const char *setting, void *data, int size);

static const char password[] = "correct horse battery staple";
static unsigned char out[64];

static int by_crypt(const char *setting) {
  static char data[32768];
  memset(data, 0, sizeof data);
  const char *hash = crypt_rn(password, setting, data, sizeof data);
  return hash && hash[0] != '*';
}

static int by_pbkdf2(const EVP_MD *digest, int iterations) {
  return PKCS5_PBKDF2_HMAC(password, sizeof password - 1, (const unsigned char *)"saltsalt", 8, iterations, digest,
                           EVP_MD_get_size(digest), out);
}

static int by_scrypt(int n) {
  return EVP_PBE_scrypt(password, sizeof password - 1, (const unsigned char *)"saltsalt", 8, n, 8, 1, ~0ull, out, 64);
}

static int by_argon2(unsigned passes, unsigned kilobytes, unsigned lanes) {
  argon2_context context = {.out = out, .outlen = 32, .pwd = (unsigned char *)password, .pwdlen = sizeof password - 1,
                            .salt = (unsigned char *)"saltsalt", .saltlen = 8, .t_cost = passes, .m_cost = kilobytes,
                            .lanes = lanes, .threads = 1, .version = ARGON2_VERSION_13};
  return argon2_ctx(&context, Argon2_id) == ARGON2_OK;
}

// WordPress' before 6.8, `$P$B`: 8,192 rounds of MD5.
static int by_phpass(void) {
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  int done = context && EVP_DigestInit_ex(context, EVP_md5(), NULL) && EVP_DigestUpdate(context, "saltsalt", 8);
  for (int round = 0; done && round <= 8192; round++) {
    if (round > 0) done = EVP_DigestInit_ex(context, NULL, NULL) && EVP_DigestUpdate(context, out, 16);
    done = done && EVP_DigestUpdate(context, password, sizeof password - 1) && EVP_DigestFinal_ex(context, out, NULL);
  }
  EVP_MD_CTX_free(context);
  return done;
}

static int hash(int kind) {
  switch (kind) {
  case 0: return by_crypt("$2b$12$abcdefghijklmnopqrstuu");
  case 1: return by_crypt("$2b$10$abcdefghijklmnopqrstuu");
  case 2: return by_crypt("$6$saltsaltsalt$");
  case 3: return by_crypt("$y$j9T$saltsaltsalt$");
  case 4: return by_pbkdf2(EVP_sha256(), 600000);
  case 5: return by_pbkdf2(EVP_sha256(), 1000000);
  case 6: return by_pbkdf2(EVP_sha512(), 210000);
  case 7: return by_scrypt(32768);
  case 8: return by_argon2(2, 19456, 1);
  case 9: return by_phpass();
  default: return by_argon2(3, 65536, 4);
  }
}

static const char *const names[] = {
    "bcrypt 12", "bcrypt 10", "sha512-crypt", "yescrypt", "PBKDF2-SHA256 600,000", "PBKDF2-SHA256 1,000,000",
    "PBKDF2-SHA512 210,000", "scrypt 32768,8,1", "argon2id 19 MiB, 2", "phpass $P$B", "argon2id 64 MiB, 3, 4",
};

static double processor_milliseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

int main(void) {
  enum { kinds = sizeof names / sizeof *names, rounds = 5 };
  double least[kinds];
  // In turn, so that whatever else the machine does hits all of them.
  for (int round = 0; round < rounds; round++) {
    for (int kind = 0; kind < kinds; kind++) {
      double start = processor_milliseconds();
      if (!hash(kind)) {
        fprintf(stderr, "hashes: %s failed\n", names[kind]);
        return 1;
      }
      double taken = processor_milliseconds() - start;
      if (round == 0 || taken < least[kind]) least[kind] = taken;
    }
  }
  for (int kind = 0; kind < kinds; kind++) {
    printf("%-26s %7.1f ms %6.2f\n", names[kind], least[kind], least[kind] / least[0]);
  }
}
