import Foundation

/// Builds trigger events in Cognito's form.
public struct TestEvent {
  public var source: String
  public var userPoolID: String
  public var userName: String
  public var attributes: [String: Any]

  public init(
    _ source: String = "PostAuthentication_Authentication",
    sub: UUID = UUID(),
    email: String? = "ada@example.com",
    userPoolID: String = "eu-central-1_ExaMPLe01",
    attributes: [String: Any] = [:]
  ) {
    self.source = source
    self.userPoolID = userPoolID
    userName = sub.uuidString.lowercased()
    self.attributes = [
      "sub": sub.uuidString.lowercased(), "email_verified": "true",
      "cognito:user_status": "CONFIRMED",
    ].merging(attributes) { $1 }
    if let email { self.attributes["email"] = email }
  }

  public var bytes: [UInt8] {
    let event: [String: Any] = [
      "version": "1", "region": "eu-central-1", "userPoolId": userPoolID, "userName": userName,
      "callerContext": ["awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": "client"],
      "triggerSource": source, "request": ["userAttributes": attributes], "response": [:],
    ]
    let data = try? JSONSerialization.data(withJSONObject: event, options: [.sortedKeys])
    return data.map(Array.init) ?? []
  }
}
