import XCTest

@testable import CognitoPush

final class RoleDifferenceTests: XCTestCase {
  func testOnlyGroupsThatARoleNamesAreEverSurplus() {
    let table: [(roles: Set<String>, groups: Set<String>, missing: [String], surplus: [String])] = [
      ([], [], [], []),
      (["admin"], ["admin"], [], []),
      (["editor", "admin"], [], ["admin", "editor"], []),
      ([], ["admin", "editor"], [], ["admin", "editor"]),
      ([], ["eu-central-1_a_Google", "beta"], [], []),
      (["admin"], ["editor", "beta"], ["admin"], ["editor"]),
      // To Cognito another group: by a letter's case, or where Unicode holds two texts equal.
      (["caf\u{E9}"], ["cafe\u{301}"], ["caf\u{E9}"], []),
      (["Admin"], ["admin"], ["Admin"], ["admin"]),
    ]
    for row in table {
      let difference = RoleDifference(
        roles: row.roles, groups: row.groups, groupsOfRoles: ["admin", "Admin", "editor"])
      XCTAssertEqual(difference.missing, row.missing, "\(row)")
      XCTAssertEqual(difference.surplus, row.surplus, "\(row)")
      XCTAssertEqual(difference.isEmpty, row.missing.isEmpty && row.surplus.isEmpty)
    }
  }
}
