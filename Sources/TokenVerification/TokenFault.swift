/// Why a token is not valid. No case holds a part of it, and no text quotes one.
public enum TokenFault: Error, Sendable, Equatable {
  /// A part of a token.
  public enum Part: String, Sendable {
    case header, claims, signature
  }

  // MARK: Its form
  case tooLong
  case notThreeParts
  case malformedBase64(Part)
  case malformedJSON(Part)
  case duplicateKey(Part)

  // MARK: Who signed it
  case wrongAlgorithm
  case criticalExtension
  case noKeyID
  case noIssuer
  case wrongIssuer
  case unknownKey
  case unusableKey(JSONWebKey.Fault)
  case wrongSignature

  // MARK: When it is valid
  case noExpiry
  case malformedTime(String)
  /// - Parameter by: how long ago.
  case expired(by: Duration)
  /// - Parameter ahead: for how long not yet.
  case notYetValid(ahead: Duration)
  case issuedInTheFuture(ahead: Duration)

  // MARK: What it is for
  case unknownUse
  case wrongUse(TokenUse)
  case wrongClient(TokenUse)
  case wrongGroup
  case wrongScope
}

extension TokenFault {
  /// In one word, for programs.
  public var code: String {
    switch self {
    case .tooLong: "tooLong"
    case .notThreeParts: "notThreeParts"
    case .malformedBase64: "malformedBase64"
    case .malformedJSON: "malformedJSON"
    case .duplicateKey: "duplicateKey"
    case .wrongAlgorithm: "wrongAlgorithm"
    case .criticalExtension: "criticalExtension"
    case .noKeyID: "noKeyID"
    case .noIssuer: "noIssuer"
    case .wrongIssuer: "wrongIssuer"
    case .unknownKey: "unknownKey"
    case .unusableKey: "unusableKey"
    case .wrongSignature: "wrongSignature"
    case .noExpiry: "noExpiry"
    case .malformedTime: "malformedTime"
    case .expired: "expired"
    case .notYetValid: "notYetValid"
    case .issuedInTheFuture: "issuedInTheFuture"
    case .unknownUse: "unknownUse"
    case .wrongUse: "wrongUse"
    case .wrongClient: "wrongClient"
    case .wrongGroup: "wrongGroup"
    case .wrongScope: "wrongScope"
    }
  }
}

extension TokenFault: CustomStringConvertible {
  /// One sentence without its full stop.
  public var description: String {
    switch self {
    case .tooLong: "it is longer than \(SignedToken.lengthLimit) bytes"
    case .notThreeParts:
      "it does not have the three parts of a signed token, with dots between them"
    case .malformedBase64(let part): "its \(part.rawValue) is not base64url"
    case .malformedJSON(let part): "its \(part.rawValue) is not a JSON object"
    case .duplicateKey(let part): "its \(part.rawValue) has a key twice"
    case .wrongAlgorithm: "it is not signed with RS256, as Cognito's tokens are"
    case .criticalExtension: "its header asks for an extension that is not known here"
    case .noKeyID: "its header names no key"
    case .noIssuer: "it does not say who issued it"
    case .wrongIssuer: "it was not issued by this user pool, in this region or a named one"
    case .unknownKey: "it is signed with a key that the user pool does not have"
    case .unusableKey(let fault): "the user pool's key that it names \(fault)"
    case .wrongSignature: "its signature is wrong: it was changed, or signed by somebody else"
    case .noExpiry: "it does not say when it expires"
    case .malformedTime(let claim): "its claim \(claim) is not a time"
    case .expired(let age): "it expired \(age.inWords) ago"
    case .notYetValid(let time): "it is not valid before \(time.inWords) from now"
    case .issuedInTheFuture(let time):
      "it was issued \(time.inWords) in the future (check this machine's clock)"
    case .unknownUse: "it is neither an ID token nor an access token"
    case .wrongUse(.access): "it is an access token, not an ID token"
    case .wrongUse(.id): "it is an ID token, not an access token"
    case .wrongClient(let use):
      "it was issued to another app client, by its claim \(use.clientClaim.text)"
    case .wrongGroup: "its user is in none of the groups asked for, by its claim cognito:groups"
    case .wrongScope: "it has none of the scopes asked for, by its claim scope"
    }
  }
}

extension Duration {
  /// `12 s`, `90 min`, `3 h`, `2 d`; a part of a second is a whole one.
  fileprivate var inWords: String {
    let (whole, rest) = components
    let seconds = whole + (rest > 0 ? 1 : 0)
    return switch seconds {
    case ..<120: "\(seconds) s"
    case ..<7200: "\(seconds / 60) min"
    case ..<172_800: "\(seconds / 3600) h"
    default: "\(seconds / 86_400) d"
    }
  }
}
