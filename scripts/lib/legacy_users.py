"""A team's users from before Cognito, as six frameworks keep their passwords, each by that framework's own code.

  python legacy_users.py [PER_FRAMEWORK]

prints a JSON array, two users of each framework unless told otherwise: `framework`, `legacy_id`, `username`, `email`,
`password` and `password_hash`; and `algorithm`, by which Cognito's import takes the hash, null where it does not, so that
the user needs the trigger. The passwords are known, the salts are new each time. Needs php-cli and ruby-bcrypt, which
Laravel's and devise's hashes are made with.
"""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import argon2
import django
import django.conf
import werkzeug.security
from django.contrib.auth.hashers import make_password
from passlib.hash import phpass

django.conf.settings.configure()
django.setup()


def run(*command, password):
    # On standard input, as a password should be.
    return subprocess.run(command, input=password, capture_output=True, text=True, check=True).stdout


def laravel(password):
    """Laravel 11 and later: PHP's own bcrypt, `$2y$`, of cost 12."""
    code = "echo password_hash(stream_get_contents(STDIN), PASSWORD_BCRYPT, ['cost' => 12]);"
    return run("php", "-r", code, password=password)


def devise(password):
    """Rails with devise, without a pepper: the gem bcrypt, `$2a$`, of cost 12."""
    return run(
        "ruby", "-r", "bcrypt", "-e", "print BCrypt::Password.create($stdin.read, cost: 12)", password=password
    )


FRAMEWORKS = {
    # Name: how it makes a hash, and how Cognito's import calls it.
    "laravel": (laravel, "BCRYPT"),
    "devise": (devise, "BCRYPT"),
    # scrypt:32768:8:1
    "flask": (werkzeug.security.generate_password_hash, "SCRYPT"),
    # pbkdf2_sha256$1000000: more than the import takes.
    "django": (make_password, None),
    # $argon2id$v=19$m=65536,t=3,p=4: more than the import takes.
    "fastapi": (argon2.PasswordHasher().hash, None),
    # $P$B
    "wordpress": (phpass.hash, None),
}


def user(framework, number, make, algorithm):
    # Beyond ASCII: what is hashed are bytes.
    password = f"Pässword-{framework}-{number}!"
    name = f"{framework}{number}"
    return {
        "framework": framework,
        "legacy_id": f"{framework}-{1000 + number}",
        "username": name,
        "email": f"{name}@example.com",
        "password": password,
        "password_hash": make(password),
        "algorithm": algorithm,
    }


def users(count):
    with ThreadPoolExecutor() as pool:
        made = [
            pool.submit(user, framework, number, make, algorithm)
            for framework, (make, algorithm) in FRAMEWORKS.items()
            for number in range(1, count + 1)
        ]
        return [each.result() for each in made]


if __name__ == "__main__":
    print(json.dumps(users(int(sys.argv[1]) if len(sys.argv) > 1 else 2), indent=1))
