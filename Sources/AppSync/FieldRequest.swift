import JSON

// What AppSync asks a Lambda function for, and what it is answered: AWS AppSync Developer Guide, "Direct Lambda
// resolvers". Nothing here knows how a field gets its value.

/// A field of a GraphQL API whose value AppSync asks for.
public struct FieldRequest: Sendable, Equatable {
  /// The type that the field is of, as `Query`.
  public var parentType: String
  /// The field's name.
  public var field: String
  /// The field's arguments: an object.
  public var arguments: JSONValue
  /// The object that the field is of; null at the top.
  public var source: JSONValue
  /// The verified claims of the token; nil where nobody is signed in: IAM, an API key, or none at all.
  public var claims: JSONValue?

  /// The pool that the token says it is of: the end of its issuer, whichever region's that is. nil where nobody is
  /// signed in. Whether the issuer is Cognito's at all the database says: `cognito.current_user_pool_id`.
  public var userPoolID: String? {
    claims?.object?["iss"]?.string?.split(separator: "/", omittingEmptySubsequences: false)
      .last.map(String.init)
  }

  /// - Parameter event: one request.
  /// - Returns: nil where it is no request of AppSync's.
  fileprivate init?(_ event: JSONValue) {
    guard let event = event.object, let info = event["info"]?.object,
      let parentType = info["parentTypeName"]?.string, Self.isName(parentType),
      let field = info["fieldName"]?.string, Self.isName(field)
    else { return nil }
    self.parentType = parentType
    self.field = field
    arguments = event["arguments"].flatMap { $0.object == nil ? nil : $0 } ?? .object([:])
    source = event["source"] ?? .null
    claims = Self.claims(event["identity"]?.object)
  }

  /// AppSync has verified the token. What an emulator makes of a senseless one has no issuer or no user in it.
  private static func claims(_ identity: [JSONKey: JSONValue]?) -> JSONValue? {
    guard let claims = identity?["claims"], let members = claims.object,
      let sub = members["sub"]?.string, !sub.isEmpty, members["iss"]?.string?.isEmpty == false,
      let identitySub = identity?["sub"]?.string, JSONKey(identitySub) == JSONKey(sub)
    else { return nil }
    return claims
  }

  /// Source: GraphQL specification, section 2.1.9 "Names".
  private static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, !isDigit(first) else { return false }
    return text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "_"):
        true
      default: isDigit(byte)
      }
    }
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}

/// What one invocation asks for.
public enum FieldRequests: Sendable, Equatable {
  /// `Invoke`.
  case one(FieldRequest)
  /// `BatchInvoke`: never empty. nil is one that is nested more than `JSONReader.depthLimit` levels deep, which is
  /// nothing to the others; not all of them are.
  case batch([FieldRequest?])

  /// - Parameter bytes: the invocation's payload, JSON in UTF-8.
  /// - Returns: nil where it is anything else than requests of AppSync's.
  public init?(_ bytes: [UInt8]) {
    do {
      var reader = try JSONReader(bytes, allowsByteOrderMark: true)
      if try reader.isAtArray() {
        let requests = try Self.batch(&reader)
        guard requests.contains(where: { $0 != nil }) else { return nil }
        self = .batch(requests)
      } else {
        guard let request = FieldRequest(try reader.value()) else { return nil }
        self = .one(request)
      }
      try reader.end()
    } catch {
      return nil
    }
  }

  private static func batch(_ reader: inout JSONReader) throws(JSONError) -> [FieldRequest?] {
    var requests: [FieldRequest?] = []
    try reader.elements { (reader) throws(JSONError) in
      guard let event = try reader.valueOfItsOwn() else { return requests.append(nil) }
      guard let request = FieldRequest(event) else { throw .malformed }
      requests.append(request)
    }
    return requests
  }

  /// In the order in which they are to be answered; nil as in a batch.
  public var all: [FieldRequest?] {
    switch self {
    case .one(let request): [request]
    case .batch(let requests): requests
    }
  }

  /// The field that is asked for, as `Query.me`; of a batch, which is of one field, that of the first that is read.
  public var field: String? {
    all.lazy.compactMap(\.self).first.map { "\($0.parentType).\($0.field)" }
  }
}
