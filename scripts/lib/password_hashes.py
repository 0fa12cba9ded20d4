"""Hashes of passwords by the software that is known for each format, for the tests to verify.

  python password_hashes.py

prints a JSON array of `format`, as Sources/PasswordHashes/HashFormat.swift calls it, `password`, `hash`, and for devise's
`pepper`. The salts are new each time; what takes long otherwise is made with small parameters. Needs php-cli and
ruby-bcrypt, and libcrypt for what Python's `crypt` asks of it. phpass', ASP.NET Identity's and LDAP's are passlib's, or
made here as their source documents them: that software itself is not to be had for Python.
"""

import base64
import hashlib
import json
import os
import struct
import subprocess
import warnings

import argon2
import bcrypt
import django
import django.conf
import werkzeug.security
from django.contrib.auth import hashers
from passlib import hash as passlib

with warnings.catch_warnings():
    # Gone in Python 3.13, where passlib's own have to do.
    warnings.simplefilter("ignore")
    try:
        import crypt
    except ImportError:
        crypt = None

django.conf.settings.configure()
django.setup()

# ASCII, beyond ASCII, empty, and as long as a password of Cognito's may be: of these bcrypt sees the first 72 bytes.
PASSWORDS = ["correct horse", "Pässwörd-ключ-🔑", "", "long-" * 51 + "!"]


def run(*command, password):
    return subprocess.run(command, input=password, capture_output=True, text=True, check=True).stdout


def php(code, password):
    return run("php", "-r", "$password = stream_get_contents(STDIN); " + code, password=password)


def ruby(password, pepper=""):
    code = "require 'bcrypt'; print BCrypt::Password.create($stdin.read, cost: 4)"
    return run("ruby", "-e", code, password=password + pepper)


def wordpress(password):
    """wp_hash_password of WordPress 6.8: wp-includes/pluggable.php."""
    return php(
        "$key = base64_encode(hash_hmac('sha384', $password, 'wp-sha384', true));"
        " echo '$wp' . password_hash($key, PASSWORD_BCRYPT, ['cost' => 4]);",
        password,
    )


def identity3(password, function, code, iterations):
    """HashPasswordV3 of ASP.NET Core's PasswordHasher.cs: a 1, then PRF, iterations and the salt's length."""
    salt = os.urandom(16)
    key = hashlib.pbkdf2_hmac(function, password.encode(), salt, iterations, 32)
    return base64.b64encode(b"\1" + struct.pack(">III", code, iterations, len(salt)) + salt + key).decode()


def identity2(password):
    """HashPasswordV2: a 0, 16 bytes of salt, 32 of the key."""
    salt = os.urandom(16)
    return base64.b64encode(b"\0" + salt + hashlib.pbkdf2_hmac("sha1", password.encode(), salt, 1000, 32)).decode()


def salted(password, function, first):
    """Magento 1 (the salt first) and Joomla 1.5 (last)."""
    text = "salt" + password if first else password + "salt"
    return hashlib.new(function, text.encode()).hexdigest() + ":salt"


def django_hash(hasher, **parameters):
    # `encode` of the hasher itself: which of them make_password uses is a setting.
    return lambda password: hasher().encode(password, hasher().salt(), **parameters)


def argon2_hash(**parameters):
    return argon2.PasswordHasher(time_cost=2, memory_cost=512, **parameters).hash


class DjangoArgon2(hashers.Argon2PasswordHasher):
    time_cost, memory_cost, parallelism = 2, 512, 3


class DjangoBcrypt(hashers.BCryptPasswordHasher):
    rounds = 4


class DjangoBcryptSHA256(hashers.BCryptSHA256PasswordHasher):
    rounds = 4


class DjangoScrypt(hashers.ScryptPasswordHasher):
    work_factor = 2**10


def django_bcrypt(hasher):
    def encode(password):
        # The package bcrypt refuses from version 5 on what it cut off before, and this hasher gives it all there is.
        cut = password.encode()[:72].decode() if hasher is DjangoBcrypt else password
        return hasher().encode(cut, hasher().salt())

    return encode


MAKERS = [
    ("bcrypt", lambda p: bcrypt.hashpw(p.encode()[:72], bcrypt.gensalt(4)).decode()),
    ("bcrypt", lambda p: bcrypt.hashpw(p.encode()[:72], bcrypt.gensalt(4, b"2a")).decode()),
    ("bcrypt", lambda p: php("echo password_hash($password, PASSWORD_BCRYPT, ['cost' => 4]);", p)),
    ("bcrypt", ruby),
    ("wordPressBcrypt", wordpress),
    ("md5Crypt", passlib.md5_crypt.hash),
    ("sha256Crypt", passlib.sha256_crypt.using(rounds=1000).hash),
    ("sha512Crypt", passlib.sha512_crypt.using(rounds=1000).hash),
    ("argon2", argon2_hash()),
    ("argon2", argon2_hash(parallelism=1, type=argon2.Type.I)),
    ("argon2", argon2_hash(type=argon2.Type.D)),
    ("argon2", lambda p: php("echo password_hash($password, PASSWORD_ARGON2ID, ['memory_cost' => 512]);", p)),
    ("pbkdf2", passlib.pbkdf2_sha1.using(rounds=1000).hash),
    ("pbkdf2", passlib.pbkdf2_sha256.using(rounds=1000).hash),
    ("pbkdf2", passlib.pbkdf2_sha512.using(rounds=1000).hash),
    ("scrypt", passlib.scrypt.using(rounds=10).hash),
    ("djangoPBKDF2", django_hash(hashers.PBKDF2PasswordHasher, iterations=1000)),
    ("djangoPBKDF2", django_hash(hashers.PBKDF2SHA1PasswordHasher, iterations=1000)),
    ("djangoArgon2", django_hash(DjangoArgon2)),
    ("djangoBcrypt", django_bcrypt(DjangoBcrypt)),
    ("djangoBcryptSHA256", django_bcrypt(DjangoBcryptSHA256)),
    ("djangoScrypt", django_hash(DjangoScrypt)),
    ("djangoDigest", django_hash(hashers.MD5PasswordHasher)),
    ("djangoDigest", passlib.django_salted_sha1.hash),
    ("werkzeugScrypt", lambda p: werkzeug.security.generate_password_hash(p, "scrypt:1024:8:2")),
    ("werkzeugPBKDF2", lambda p: werkzeug.security.generate_password_hash(p, "pbkdf2:sha256:1000")),
    ("werkzeugPBKDF2", lambda p: werkzeug.security.generate_password_hash(p, "pbkdf2:sha1:1000")),
    ("werkzeugPBKDF2", lambda p: werkzeug.security.generate_password_hash(p, "pbkdf2:sha512:1000")),
    ("aspNetIdentity2", identity2),
    ("aspNetIdentity3", lambda p: identity3(p, "sha1", 0, 1000)),
    ("aspNetIdentity3", lambda p: identity3(p, "sha256", 1, 1000)),
    ("aspNetIdentity3", lambda p: identity3(p, "sha512", 2, 1000)),
    ("phpass", passlib.phpass.using(rounds=7).hash),
    ("phpass", passlib.phpass.using(rounds=8, ident="H").hash),
    ("ldapDigest", passlib.ldap_salted_sha1.hash),
    ("ldapDigest", passlib.ldap_salted_md5.hash),
    ("saltedDigest", lambda p: salted(p, "md5", True)),
    ("saltedDigest", lambda p: salted(p, "sha1", False)),
]
if crypt:
    MAKERS += [
        ("yescrypt", lambda p: crypt.crypt(p, "$y$j75$" + "saltsaltsalt")),
        ("bcrypt", lambda p: crypt.crypt(p, "$2y$04$" + "abcdefghijklmnopqrstuu")),
        ("bcrypt", lambda p: crypt.crypt(p, "$2x$04$" + "abcdefghijklmnopqrstuu")),
    ]

if __name__ == "__main__":
    hashes = [
        {"format": format, "password": password, "hash": make(password)}
        for format, make in MAKERS
        for password in PASSWORDS
    ]
    hashes += [
        {"format": "bcrypt", "password": password, "pepper": "pepper-ß", "hash": ruby(password, "pepper-ß")}
        for password in PASSWORDS
    ]
    # The longest that libxcrypt takes.
    longest = "a" * 511
    hashes += [{"format": "sha512Crypt", "password": longest, "hash": passlib.sha512_crypt.using(rounds=1000).hash(longest)}]
    print(json.dumps(hashes, indent=1))
