/// Hashes as other software makes them, and what they are in Cognito's own forms, by the software of each algorithm.
public enum HashedPasswords {
  public struct Made: Decodable {
    public let name, hash: String
  }

  /// A hash of a password in each of the texts that Cognito's import takes once they are converted.
  public static func made(of password: String) throws -> [Made] {
    try CommandRun.python(making, password)
  }

  /// - Parameter algorithm: as Cognito names it.
  /// - Returns: whether the hash, in Cognito's form and within its bounds, is the password's and no other's.
  public static func verifies(
    _ hash: String, _ algorithm: String, password: String
  ) throws -> Bool {
    let folder = TestEnvironment.packageRoot.appendingPathComponent("scripts/lib").path
    return try CommandRun.python(verifying, [folder, algorithm, hash, password])
  }

  private static let making = """
    import base64, hashlib, os, struct
    import argon2, bcrypt, django, django.conf, werkzeug.security
    from django.contrib.auth import hashers
    from passlib.hash import pbkdf2_sha256, scrypt
    hasher = ["PBKDF2PasswordHasher", "ScryptPasswordHasher", "BCryptPasswordHasher", "Argon2PasswordHasher"]
    django.conf.settings.configure(PASSWORD_HASHERS=["django.contrib.auth.hashers." + name for name in hasher])
    django.setup()
    def identity(function, iterations):
        # ASP.NET Core Identity, version 3: PasswordHasher.cs.
        salt = os.urandom(16)
        key = hashlib.pbkdf2_hmac(["sha1", "sha256", "sha512"][function], question.encode(), salt, iterations, 32)
        return base64.b64encode(struct.pack(">BIII", 1, function, iterations, 16) + salt + key).decode()
    made = {
        "Django 4.2": hashers.PBKDF2PasswordHasher().encode(question, hashers.get_hasher().salt(), 600_000),
        "Django scrypt before 5.1": hashers.ScryptPasswordHasher().encode(question, "salt", 2 ** 14, 8, 1),
        "Django bcrypt": hashers.make_password(question, hasher="bcrypt"),
        "bcrypt": bcrypt.hashpw(question.encode(), bcrypt.gensalt(4)).decode(),
        "Werkzeug scrypt": werkzeug.security.generate_password_hash(question),
        "Werkzeug PBKDF2": werkzeug.security.generate_password_hash(question, "pbkdf2:sha256:1000"),
        "passlib PBKDF2": pbkdf2_sha256.hash(question),
        "passlib scrypt": scrypt.hash(question),
        "argon2-cffi": argon2.PasswordHasher(2, 19456, 1).hash(question),
        "argon2-cffi, salt of 17": argon2.PasswordHasher(1, 1024, 1, 33, 17).hash(question),
        "Django Argon2": "argon2" + argon2.PasswordHasher(2, 19456, 1).hash(question),
        "ASP.NET Core Identity before 7": identity(1, 10_000),
    }
    print(json.dumps([{"name": name, "hash": made[name]} for name in made]))
    """

  private static let verifying = """
    folder, algorithm, text, password = question
    sys.path.insert(0, folder)
    import import_jobs
    print(json.dumps(bool(
        import_jobs.is_within_bounds(algorithm, text) and import_jobs.verify(algorithm, text, password)
        and not import_jobs.verify(algorithm, text, password + "x"))))
    """
}
