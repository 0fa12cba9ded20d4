import Foundation
import SampleEvents

/// Builds trigger events of any source, invented ones too, with no more than what is used, and with whatever
/// attributes: complete ones are `SampleEvent`'s.
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
    let request = try? JSONSerialization.data(
      withJSONObject: ["userAttributes": attributes], options: [.sortedKeys])
    return TriggerEnvelope(
      source: source, userPoolID: userPoolID, region: "eu-central-1", userName: userName,
      clientID: "client"
    ).event(request: String(decoding: request ?? Data(), as: UTF8.self), response: "{}")
  }
}
