import JSON

/// The form of a pre token generation event, which says what its answer can carry, and where.
///
/// - Source: as of `TokenOverride`. Version 1 of the event has `claimsOverrideDetails` in its response: strings, for the
///   ID token only. Versions 2 and 3 have `claimsAndScopeOverrideDetails`: any JSON, for both tokens, and scopes.
enum TokenEventForm {
  case claims
  case claimsAndScope

  /// The member of `response` that has the override.
  var key: JSONKey {
    switch self {
    case .claims: "claimsOverrideDetails"
    case .claimsAndScope: "claimsAndScopeOverrideDetails"
    }
  }

  /// A member that is to be put below `key`.
  typealias Part = (path: [JSONKey], value: [UInt8])

  /// - Returns: where what is to be put in, without what is empty; and what cannot be.
  func parts(of claims: TokenClaims) -> (present: [Part], lost: [LostClaim]) {
    switch self {
    case .claims:
      var lost = claims.id.filter { !$0.isString }.map { LostClaim.notAString($0.name) }
      if !claims.access.isEmpty || !claims.suppressed.isEmpty { lost.append(.ofTheAccessToken) }
      if !claims.scopes.isEmpty { lost.append(.scopes) }
      return (
        Self.parts(of: claims.id.filter(\.isString), suppressed: claims.suppressed, below: []), lost
      )
    case .claimsAndScope:
      var parts = Self.parts(
        of: claims.id, suppressed: claims.suppressed, below: ["idTokenGeneration"])
      parts += Self.parts(
        of: claims.access, suppressed: claims.suppressed, below: ["accessTokenGeneration"])
      if !claims.scopes.isEmpty {
        parts.append(
          (["accessTokenGeneration", "scopesToAdd"], Array(claims.scopes.jsonText.utf8)))
      }
      return (parts, [])
    }
  }

  private static func parts(
    of claims: [TokenClaims.Claim], suppressed: [String], below path: [JSONKey]
  ) -> [Part] {
    var parts: [Part] = []
    if !claims.isEmpty {
      var object: [UInt8] = []
      for claim in claims {
        object.append(UInt8(ascii: object.isEmpty ? "{" : ","))
        object += "\(claim.name.text.jsonText):".utf8
        object += claim.value
      }
      object.append(UInt8(ascii: "}"))
      parts.append((path + ["claimsToAddOrOverride"], object))
    }
    if !suppressed.isEmpty {
      parts.append((path + ["claimsToSuppress"], Array(suppressed.jsonText.utf8)))
    }
    return parts
  }

  /// What `response` has already decides: emulators send a `version` that does not go with it. With neither
  /// member there, or both, the version does, and one that is not known counts as 1.
  ///
  /// - Parameter reader: at the beginning of the event.
  init(of reader: JSONReader) throws(JSONError) {
    var reader = reader
    var version: String?
    var (hasClaims, hasClaimsAndScope) = (false, false)
    try reader.members { (reader, key) throws(JSONError) in
      switch key {
      case "version": version = Self.text(ofVersion: try reader.value())
      case "response":
        // Of several the last counts.
        (hasClaims, hasClaimsAndScope) = (false, false)
        guard try reader.isAtObject() else {
          _ = try reader.value(isWanted: false)
          return
        }
        try reader.members { (reader, key) throws(JSONError) in
          _ = try reader.value(isWanted: false)
          switch key {
          case Self.claims.key: hasClaims = true
          case Self.claimsAndScope.key: hasClaimsAndScope = true
          default: break
          }
        }
      default: _ = try reader.value(isWanted: false)
      }
    }
    self =
      switch (hasClaims, hasClaimsAndScope) {
      case (true, false): .claims
      case (false, true): .claimsAndScope
      case (true, true), (false, false): ["2", "3"].contains(version) ? .claimsAndScope : .claims
      }
  }

  /// Documented as a string; numbers have been seen.
  private static func text(ofVersion value: JSONValue) -> String? {
    switch value {
    case .string(let text): text
    case .number(let number): number.text
    default: nil
    }
  }
}

/// What version 1 of the event cannot carry.
public enum LostClaim: Sendable, Hashable {
  /// A claim of the ID token by this name whose value is no string.
  case notAString(JSONKey)
  /// What is added to, or left out of, the access token.
  case ofTheAccessToken
  case scopes
}

extension LostClaim: CustomStringConvertible {
  /// One line without a value: what is lost, and what can be done about it.
  public var description: String {
    let what =
      switch self {
      case .notAString(let name): "the claim \(TokenClaims.loggable(name.text)), which is no string"
      case .ofTheAccessToken: "no claim of the access token"
      case .scopes: "no scopes"
      }
    let carries = if case .notAString = self { "does not carry" } else { "carries" }
    return
      "version 1 of the token event \(carries) \(what): let the pool send version 2 (V2_0), or 3"
  }
}
