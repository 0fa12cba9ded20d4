import CognitoAPI
import JSON

extension CognitoUser {
  /// The user that `value` describes, as an answer of Cognito's would.
  public init(_ value: JSONValue) throws {
    var reader = try JSONReader(Array(value.jsonText.utf8))
    self = try CognitoUser.read(&reader).get()
  }
}
