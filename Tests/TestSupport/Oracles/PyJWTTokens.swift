import Foundation

/// A token to be signed.
public struct TokenDraft: Encodable, Sendable {
  /// Whose key signs, and how.
  public enum Signer: String, Encodable, Sendable {
    /// RS256 with the pool's key, of 2,048 bits.
    case pool
    /// RS256 with another pool's key, which is in no key set.
    case stranger
    /// RS256 with a key of 1,024 bits.
    case weak
    /// RS512 with the pool's key.
    case rs512
    /// ES256 with a key of its own.
    case elliptic
    /// HS256 with the PEM text of the pool's public key, which everybody knows.
    case publicKeyAsSecret
    /// Not at all: the signature is empty.
    case nobody
  }

  /// As they are signed, whether they are JSON or not.
  public var header, claims: String
  public var signer: Signer

  public init(header: String, claims: String, signer: Signer = .pool) {
    self.header = header
    self.claims = claims
    self.signer = signer
  }
}

/// Tokens signed by pyca/cryptography, with keys that are made anew in each run, and what PyJWT says of them.
public enum PyJWTTokens {
  public struct Signed: Decodable, Sendable {
    /// In the order of the drafts.
    public var tokens: [String]
    /// `pool`; `weak`, of 1,024 bits; `elliptic`; and the pool's key once more as `encryption`, `rs512`, `bare` (without
    /// `use` and `alg`) and `unreadable`.
    public var keySet: String
  }

  public static func signed(_ drafts: [TokenDraft]) throws -> Signed {
    try CommandRun.python(signing, drafts)
  }

  /// - Returns: for each token the name of the error, or nil where PyJWT takes it: by its key in the set, RS256, one of
  ///   the issuers, its times, and of an ID token the audience.
  public static func verdicts(
    on tokens: [String], keySet: String, issuers: [String], clientIDs: [String]
  ) throws -> [String?] {
    try CommandRun.python(
      verdict,
      Question(tokens: tokens, keySet: keySet, issuers: issuers, clientIDs: clientIDs))
  }

  private struct Question: Encodable {
    var tokens: [String]
    var keySet: String
    var issuers, clientIDs: [String]
  }

  private static let signing = """
    import base64, hashlib, hmac
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

    def encoded(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    def number(value):
        return encoded(value.to_bytes((value.bit_length() + 7) // 8, "big"))

    def public(key, **members):
        numbers = key.public_key().public_numbers()
        return {"kty": "RSA", "n": number(numbers.n), "e": number(numbers.e)} | members

    pool, stranger = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    weak = rsa.generate_private_key(65537, 1024)
    elliptic = ec.generate_private_key(ec.SECP256R1())
    pem = pool.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)

    def ecdsa(data):
        r, s = utils.decode_dss_signature(elliptic.sign(data, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    signers = {
        "pool": lambda data: pool.sign(data, padding.PKCS1v15(), hashes.SHA256()),
        "stranger": lambda data: stranger.sign(data, padding.PKCS1v15(), hashes.SHA256()),
        "weak": lambda data: weak.sign(data, padding.PKCS1v15(), hashes.SHA256()),
        "rs512": lambda data: pool.sign(data, padding.PKCS1v15(), hashes.SHA512()),
        "elliptic": ecdsa,
        "publicKeyAsSecret": lambda data: hmac.digest(pem, data, hashlib.sha256),
        "nobody": lambda data: b"",
    }

    def token(draft):
        signed = encoded(draft["header"].encode()) + "." + encoded(draft["claims"].encode())
        return signed + "." + encoded(signers[draft["signer"]](signed.encode()))

    point = elliptic.public_key().public_numbers()
    keys = [
        public(pool, kid="pool", alg="RS256", use="sig"),
        public(weak, kid="weak", alg="RS256", use="sig"),
        {"kty": "EC", "crv": "P-256", "x": number(point.x), "y": number(point.y), "kid": "elliptic", "alg": "ES256",
         "use": "sig"},
        public(pool, kid="encryption", alg="RS256", use="enc"),
        public(pool, kid="rs512", alg="RS512", use="sig"),
        public(pool, kid="bare"),
        public(pool, kid="unreadable") | {"n": "A"},
    ]
    print(json.dumps({"tokens": [token(draft) for draft in question], "keySet": json.dumps({"keys": keys})}))
    """

  private static let verdict = """
    import warnings
    import jwt
    # That a key is short is said as a warning.
    warnings.simplefilter("ignore")
    keys = {}
    for key in json.loads(question["keySet"])["keys"]:
        try:
            keys[key["kid"]] = jwt.PyJWK.from_dict(key)
        except Exception:
            keys[key["kid"]] = None

    def verdict(token):
        try:
            key = keys[jwt.get_unverified_header(token)["kid"]]
            use = jwt.decode(token, options={"verify_signature": False}).get("token_use")
            jwt.decode(
                token, key, algorithms=["RS256"], issuer=question["issuers"],
                audience=question["clientIDs"] if use == "id" else None,
                options={"require": ["exp", "iss"], "verify_aud": use == "id"})
        except Exception as error:
            return type(error).__name__

    print(json.dumps([verdict(token) for token in question["tokens"]]))
    """
}
