/* Whether libpq, as it is built into the package, derives the key that SCRAM-SHA-256 asks for: RFC 7677's
 * example, and 100 random passwords and salts compared with OpenSSL's PBKDF2. Exits with 1 where one differs. */
#include "postgres_fe.h"

#include "common/scram-common.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdio.h>

/* salted: libpq's key. The last argument came with PostgreSQL 15. */
static int
salted(const char *password, const unsigned char *salt, int salt_length, int iterations, uint8 *key)
{
#if PG_VERSION_NUM >= 150000
	const char *error;

	return scram_SaltedPassword(password, (const char *) salt, salt_length, iterations, key, &error) == 0;
#else
	return scram_SaltedPassword(password, (const char *) salt, salt_length, iterations, key) == 0;
#endif
}

/* The proof that RFC 7677, section 3, prints for the user "user" with the password "pencil". */
static int
is_rfc_7677s(void)
{
	static const char message[] = "n=user,r=rOprNGfwEbeRWgbNEkqO,"
		"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,"
		"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
	static const char proof[] = "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
	unsigned char salt[18], key[32], client[32], stored[32], signature[32], text[45];
	unsigned int length;

	if (EVP_DecodeBlock(salt, (const unsigned char *) "W22ZaJ0SNY7soEsUEjb6gQ==", 24) != 18 ||
		!salted("pencil", salt, 16, 4096, key) ||
		!HMAC(EVP_sha256(), key, 32, (const unsigned char *) "Client Key", 10, client, &length) ||
		!EVP_Digest(client, 32, stored, &length, EVP_sha256(), NULL) ||
		!HMAC(EVP_sha256(), stored, 32, (const unsigned char *) message, sizeof(message) - 1, signature, &length))
		return 0;
	for (int i = 0; i < 32; i++)
		client[i] ^= signature[i];
	EVP_EncodeBlock(text, client, 32);
	return strcmp((const char *) text, proof) == 0;
}

int
main(void)
{
	if (!is_rfc_7677s())
	{
		fputs("RFC 7677's example gives another proof\n", stderr);
		return 1;
	}
	/* From an empty password to one of 99 bytes, past HMAC's block of 64; once and often iterated. */
	for (int length = 0; length < 100; length++)
	{
		char		password[100] = {0};
		unsigned char salt[16], ours[32], theirs[32];
		int			iterations = length % 2 ? 4096 : 1 + length;

		if (RAND_bytes((unsigned char *) password, length + 1) != 1 || RAND_bytes(salt, sizeof(salt)) != 1)
			return 1;
		for (int i = 0; i < length; i++)
			password[i] |= 1;	/* no NUL inside */
		password[length] = '\0';
		if (!salted(password, salt, sizeof(salt), iterations, ours) ||
			PKCS5_PBKDF2_HMAC(password, length, salt, sizeof(salt), iterations, EVP_sha256(), 32, theirs) != 1 ||
			CRYPTO_memcmp(ours, theirs, 32) != 0)
		{
			fprintf(stderr, "a password of %d bytes, iterated %d times, gives another key than PBKDF2\n", length, iterations);
			return 1;
		}
	}
	return 0;
}
