import Foundation

/// Events as a busy user pool sends them, without end: mostly sign-ins of users who have not changed.
public struct SoakTraffic {
  private var number = 0
  private var user = UUID()
  private var changes = 0

  public init() {}

  /// - Returns: an event, and the outcome that it must have.
  public mutating func next() -> (event: [UInt8], outcome: String) {
    defer { number += 1 }
    switch number % 10 {
    case 0:
      user = UUID()
      return (event("PostConfirmation_ConfirmSignUp", name: "0"), "inserted")
    case 5, 6:
      changes += 1
      return (event("PostAuthentication_Authentication", name: "\(changes)"), "updated")
    case 7:
      return (TestEvent("PreSignUp_SignUp").bytes, "passed")
    case 8:
      // Names that nobody has heard of: each is remembered, to be reported once.
      return (TestEvent("Invented_Source\(number)").bytes, "passed")
    case 9:
      guard number % 20 == 9 else { return (Array("{\"no\": \"event".utf8), "refused") }
      return (TestEvent(userPoolID: "eu-west-1_Foreign").bytes, "refused")
    default:
      return (event("PostAuthentication_Authentication", name: "0"), "unchanged")
    }
  }

  private func event(_ source: String, name: String) -> [UInt8] {
    TestEvent(
      source, sub: user, email: "\(user.uuidString.lowercased().prefix(12))@example.com",
      attributes: [
        "custom:name": name, "phone_number": "+15550100001",
        "identities": #"[{"userId":"1","providerName":"Google","primary":true}]"#,
      ]
    ).bytes
  }
}
