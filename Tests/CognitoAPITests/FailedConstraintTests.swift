import XCTest

@testable import CognitoAPI

final class FailedConstraintTests: XCTestCase {
  func testOnlyMemberAndConstraintAreTaken() {
    let pattern = #"Member must satisfy regular expression pattern: [\p{L}\p{M}\p{S}\p{N}\p{P}]+"#
    let behind = "' at 'groupName' failed to satisfy constraint: \(pattern)"
    let rows: [(message: String, text: String?)] = [
      ("1 validation error detected: Value 'a b\(behind)", "groupName: \(pattern)"),
      (
        "1 validation error detected: Value at 'groupName' failed to satisfy constraint: \(pattern)",
        "groupName: \(pattern)"
      ),
      // A value that says what Cognito would.
      (
        "Value 'x' at 'secret' failed to satisfy constraint: Member must be secret\(behind)",
        "groupName: \(pattern)"
      ),
      ("Value 'a' at 'secret value' failed to satisfy constraint: Member must be long", nil),
      ("Value 'a' at 'name' failed to satisfy constraint: secret", nil),
      ("Value 'a' at '' failed to satisfy constraint: Member must be long", nil),
      (
        "Value 'a' at 'name' failed to satisfy constraint: Member must \(String(repeating: "x", count: 200))",
        nil
      ),
      ("Value 'a' at 'name' failed to satisfy constraint: Member must é", nil),
      ("Attribute does not belong to the schema: secret", nil), ("", nil),
    ]
    for row in rows {
      XCTAssertEqual(FailedConstraint(message: row.message)?.description, row.text, row.message)
    }
  }
}
