import JSON

/// A key as a key set has it, which may not be one for tokens.
///
/// Source: RFC 7517 (JWK), section 4; RFC 7518 (JWA), section 6.3.1.
public struct JSONWebKey: Sendable, Equatable {
  /// What keeps a key from verifying a token.
  public enum Fault: Error, Sendable, Equatable {
    case notRSA
    case notForSignatures
    case forAnotherAlgorithm
    case malformed
    /// - Parameter bits: of the modulus.
    case tooShort(bits: Int)
  }

  /// `kid`; nil where it has none.
  let id: String?
  private let members: [JSONKey: JSONValue]

  init(_ members: [JSONKey: JSONValue]) {
    self.members = members
    id = members["kid"]?.string
  }

  /// The key for signatures by RS256.
  func publicKey() throws(Fault) -> RSAPublicKey {
    guard members.has("kty", "RSA") else { throw .notRSA }
    // Both may be left out: then the key is for anything.
    guard members["use"] == nil || members.has("use", "sig") else { throw .notForSignatures }
    guard members["alg"] == nil || members.has("alg", SignedToken.algorithm) else {
      throw .forAnotherAlgorithm
    }
    guard let modulus = bytes("n"), let exponent = bytes("e"),
      let key = RSAPublicKey(modulus: modulus, exponent: exponent)
    else { throw .malformed }
    guard key.bitCount >= RSAPublicKey.leastBitCount else { throw .tooShort(bits: key.bitCount) }
    return key
  }

  private func bytes(_ member: JSONKey) -> [UInt8]? {
    members[member]?.string.flatMap { Base64URL.decoded($0.utf8) }
  }

  /// The public members that a verifier needs, and no others.
  var published: JSONValue {
    let names: [JSONKey] = ["alg", "e", "kid", "kty", "n", "use"]
    return .object(members.filter { names.contains($0.key) })
  }
}

extension JSONWebKey.Fault: CustomStringConvertible {
  /// Follows "the key".
  public var description: String {
    switch self {
    case .notRSA: "is not an RSA key"
    case .notForSignatures: "is not for signatures"
    case .forAnotherAlgorithm: "is for another algorithm than RS256"
    case .malformed: "cannot be read"
    case .tooShort(let bits):
      "has \(bits) bits, fewer than the \(RSAPublicKey.leastBitCount) that RS256 asks for"
    }
  }
}

/// A user pool's keys: a JSON Web Key Set.
///
/// Source: RFC 7517, section 5.
public struct JSONWebKeySet: Sendable, Equatable {
  /// Cognito's has some 1,000 bytes.
  public static let lengthLimit = 1 << 20

  let keys: [JSONWebKey]

  /// - Parameter bytes: the JSON text.
  /// - Returns: nil where it is no key set, or two of its keys have one id: which of them is meant nobody could tell.
  public init?(_ bytes: [UInt8]) {
    guard bytes.count <= Self.lengthLimit, let set = try? UniqueJSON.object(bytes),
      case .array(let elements)? = set["keys"]
    else { return nil }
    let keys = elements.compactMap(\.object).map { JSONWebKey($0) }
    let ids = keys.compactMap(\.id).map { JSONKey($0) }
    guard keys.count == elements.count, Set(ids).count == ids.count else { return nil }
    self.keys = keys
  }

  init(keys: [JSONWebKey]) {
    self.keys = keys
  }

  /// The key of just this id; nil where there is none.
  subscript(id: String) -> JSONWebKey? {
    keys.first { key in key.id.map { JSONKey($0) == JSONKey(id) } ?? false }
  }

  /// Those of its keys that verify tokens.
  public var usable: JSONWebKeySet {
    JSONWebKeySet(keys: keys.filter { $0.id != nil && (try? $0.publicKey()) != nil })
  }

  /// How many keys there are.
  public var count: Int { keys.count }

  /// Whether there is no key in it.
  public var isEmpty: Bool { keys.isEmpty }

  /// These keys, and those of `other` whose ids are not among them.
  func adding(_ other: JSONWebKeySet) -> JSONWebKeySet {
    JSONWebKeySet(
      keys: keys + other.keys.filter { key in key.id.map { self[$0] == nil } ?? false })
  }
}

extension JSONWebKeySet: JSONWritable {
  /// The same keys are the same text, in whatever order they came: by their ids, and without what is not for verifiers.
  public func write(to json: inout JSONWriter) {
    let sorted = keys.sorted { JSONKey($0.id ?? "") < JSONKey($1.id ?? "") }
    json.object { json in
      json.member("keys", sorted.map(\.published))
    }
  }
}
