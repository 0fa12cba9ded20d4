import JSON

/// What AppSync is answered for one field.
public enum FieldAnswer: Sendable, Equatable {
  /// The value, JSON.
  case value(String)
  case failure(FieldFailure)

  /// The answer to a batch: for each of its requests, in their order, `data`, or `errorMessage` and `errorType`.
  public static func batch(_ answers: [FieldAnswer]) -> [UInt8] {
    var json = JSONWriter()
    json.array { json in
      for answer in answers {
        json.object { json in
          switch answer {
          case .value(let text):
            json.key("data")
            json.raw(text)
          case .failure(let failure):
            json.member("data", JSONValue.null)
            json.member("errorMessage", failure.message)
            json.member("errorType", failure.kind.rawValue)
          }
        }
      }
    }
    return json.finished()
  }
}

/// Why a field has no value, as the client is told.
public struct FieldFailure: Error, Sendable, Equatable {
  /// GraphQL's `errorType`.
  public enum Kind: String, Sendable, CaseIterable {
    case unauthorized = "Unauthorized"
    case forbidden = "Forbidden"
    case notFound = "NotFound"
    case badRequest = "BadRequest"
    case internalError = "InternalError"
  }

  public var kind: Kind
  /// For the client.
  public var message: String

  /// Nobody is signed in.
  public static let nobody = FieldFailure(kind: .unauthorized, message: "Sign in first")
  /// Somebody is, at a user pool that is not served.
  public static let foreignPool = FieldFailure(
    kind: .unauthorized, message: "This user pool is not served here")
  /// Of a batch, a request that is not read.
  public static let tooDeep = FieldFailure(
    kind: .badRequest,
    message: "The request is nested more than \(JSONReader.depthLimit) levels deep")
  /// All that is nobody's business outside.
  public static let internalError = FieldFailure(
    kind: .internalError, message: "The field could not be resolved")

  init(kind: Kind, message: String) {
    self.kind = kind
    self.message = message
  }

  /// - Parameters:
  ///   - sqlState: of the error that a function raised. `PT4xx` is meant for the client, as the HTTP status `4xx`.
  ///   - message: the error's own, told to the client for such a state only. In place of an empty one stands the
  ///     fixed sentence.
  public init(sqlState: String, message: String?) {
    guard sqlState.hasPrefix("PT4"), let message else {
      self = .internalError
      return
    }
    let kind: Kind =
      switch sqlState {
      case "PT401": .unauthorized
      case "PT403": .forbidden
      case "PT404": .notFound
      default: .badRequest
      }
    self.init(kind: kind, message: message.isEmpty ? Self.internalError.message : message)
  }
}
