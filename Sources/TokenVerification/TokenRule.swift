import Clock
import JSON

/// What a token is for: what its claim `token_use` says.
public enum TokenUse: String, Sendable, CaseIterable {
  case access, id

  /// Which claim names the app client.
  var clientClaim: JSONKey {
    switch self {
    case .access: "client_id"
    case .id: "aud"
    }
  }
}

/// What a token must say to be taken: the parameters of `aws-jwt-verify`.
public struct TokenExpectations: Sendable {
  /// It must be issued to one of these app clients; nil for any of the pool.
  public var clientIDs: [String]?
  /// It must be for this; nil for either.
  public var use: TokenUse?
  /// Its user must be in one of these; empty where groups do not matter.
  public var groups: [String] = []
  /// It must have one of these; empty where scopes do not matter.
  public var scopes: [String] = []
  /// How far this machine's clock may be off, either way.
  public var grace: Duration = .zero

  /// - Parameters:
  ///   - clientIDs: nil for any client: then a token for another application of the pool is taken as well.
  ///   - use: nil for either.
  public init(clientIDs: [String]?, use: TokenUse? = nil) {
    self.clientIDs = clientIDs
    self.use = use
  }
}

/// Whether a token's claims are such that it is taken, its signature being right. Knows no key and no clock.
///
/// Source: Amazon Cognito Developer Guide, "Verifying JSON web tokens"; RFC 7519, section 4.1.
enum TokenRule {
  static func check(
    _ claims: [JSONKey: JSONValue], _ expected: TokenExpectations, at now: Timestamp
  ) throws(TokenFault) {
    try checkTimes(claims, grace: expected.grace, at: now)
    guard let use = claims["token_use"]?.string.flatMap(TokenUse.init(exactly:)) else {
      throw .unknownUse
    }
    guard expected.use == nil || use == expected.use else { throw .wrongUse(use) }
    if let clientIDs = expected.clientIDs {
      guard clientIDs.contains(where: { claims.has(use.clientClaim, $0) }) else {
        throw .wrongClient(use)
      }
    }
    guard share(expected.groups, CognitoClaims.groups(claims)) else { throw .wrongGroup }
    guard share(expected.scopes, CognitoClaims.scopes(claims)) else { throw .wrongScope }
  }

  private static func checkTimes(
    _ claims: [JSONKey: JSONValue], grace: Duration, at now: Timestamp
  ) throws(TokenFault) {
    let now = Double(now.microsecondsSinceEpoch) / 1_000_000
    let grace = grace / .seconds(1)
    guard let expiry = try time("exp", claims) else { throw .noExpiry }
    guard now < expiry + grace else { throw .expired(by: .seconds(from: now - expiry)) }
    if let start = try time("nbf", claims), now + grace < start {
      throw .notYetValid(ahead: .seconds(from: start - now))
    }
    if let issue = try time("iat", claims), now + grace < issue {
      throw .issuedInTheFuture(ahead: .seconds(from: issue - now))
    }
  }

  /// - Returns: seconds since 1970; nil where the claim is missing.
  /// - Throws: where it is there and is no number, or one that no clock reaches.
  private static func time(
    _ claim: JSONKey, _ claims: [JSONKey: JSONValue]
  ) throws(TokenFault) -> Double? {
    guard let value = claims[claim] else { return nil }
    guard case .number(let number) = value, let seconds = Double(number.text), seconds.isFinite
    else { throw .malformedTime(claim.text) }
    return seconds
  }

  /// Whether nothing is asked for, or some of it is there.
  private static func share(_ wanted: [String], _ present: [String]) -> Bool {
    wanted.isEmpty
      || !Set(wanted.map { JSONKey($0) }).isDisjoint(with: present.map { JSONKey($0) })
  }
}

/// What Cognito's claims hold, beyond what JSON says of them.
public enum CognitoClaims {
  /// The names of the user's groups; none where the claim is missing or has another form.
  public static func groups(_ claims: [JSONKey: JSONValue]) -> [String] {
    guard case .array(let groups)? = claims["cognito:groups"] else { return [] }
    return groups.compactMap(\.string)
  }

  /// What an access token allows; none where the claim is missing or has another form.
  ///
  /// Source: RFC 9068, section 2.2.3: names with single blanks between them.
  static func scopes(_ claims: [JSONKey: JSONValue]) -> [String] {
    (claims["scope"]?.string?.utf8.split(separator: UInt8(ascii: " ")) ?? [])
      .map { String(decoding: $0, as: UTF8.self) }
  }
}

extension TokenUse {
  /// As `init(rawValue:)`, byte for byte.
  fileprivate init?(exactly text: String) {
    guard let use = Self.allCases.first(where: { JSONKey($0.rawValue) == JSONKey(text) }) else {
      return nil
    }
    self = use
  }
}

extension Duration {
  /// A hundred years at most, so that no token's number overflows.
  fileprivate static func seconds(from seconds: Double) -> Duration {
    .seconds(min(max(seconds, 0), 3_155_760_000))
  }
}
