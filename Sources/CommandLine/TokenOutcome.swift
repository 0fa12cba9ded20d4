import JSON
import TokenVerification

/// What became of a token.
enum TokenOutcome {
  case valid([JSONKey: JSONValue])
  case notValid(TokenFault)
  /// Nobody can say, for this reason: the keys are out of reach.
  case unknown(String)

  /// 0 valid, 1 not, 3 not known.
  var exitCode: Int32 {
    switch self {
    case .valid: 0
    case .notValid: 1
    case .unknown: 3
    }
  }

  /// One sentence; nil where all is well. Never a part of the token.
  var problem: String? {
    switch self {
    case .valid: nil
    case .notValid(let fault): "not valid: \(fault)"
    case .unknown(let reason): reason
    }
  }

  var claims: [JSONKey: JSONValue]? {
    if case .valid(let claims) = self { claims } else { nil }
  }

  /// The members of an object, in their order, with what a command has to say of its own.
  ///
  /// - Parameters:
  ///   - problem: of a token that is valid.
  ///   - user: nil where nothing is known of one.
  func write(to json: inout JSONWriter, problem: String? = nil, user: (some JSONWritable)?) {
    json.object { json in
      json.member("claims", claims.map(JSONValue.object))
      json.member("problem", self.problem ?? problem)
      if case .notValid(let fault) = self { json.member("reason", fault.code) }
      json.member("user", user)
      switch self {
      case .valid: json.member("valid", true)
      case .notValid: json.member("valid", false)
      case .unknown: break
      }
    }
  }
}

extension TokenOutcome: JSONWritable {
  func write(to json: inout JSONWriter) { write(to: &json, user: String?.none) }
}
