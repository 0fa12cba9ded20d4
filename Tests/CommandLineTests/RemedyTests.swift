import Foundation
import TestSupport
import XCTest

/// What an SQLSTATE means to an operator is told by every command, not by the library that meets it.
final class RemedyTests: XCTestCase {
  func testADatabaseThatIsNotMigratedIsToldByEveryCommandWithWhatToDo() throws {
    let database = try TestDatabase(migrated: false)
    let environment = [
      "DATABASE_URL": database.ownerURL, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b",
    ]
    let listing = FileManager.default.temporaryDirectory.appendingPathComponent(
      "remedy-\(UUID().uuidString).json")
    try Data(#"{"Users":[]}"#.utf8).write(to: listing)
    defer { try? FileManager.default.removeItem(at: listing) }
    let pool = "eu-central-1_ExaMPLe01"
    for arguments in [
      ["push", "--status"], ["status"], ["push"], ["push", "--watch"], ["push", "--retry-failed"],
      ["push", "--write-back"], ["forget", "--deleted-before", "30d"],
      ["invite", "ada@example.com"], ["invitations"], ["revoke", "ada@example.com"],
      ["forget", "00000000-0000-0000-0000-000000000001"],
      ["merge", "00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002"],
      ["reconcile", "--user-pool-id", pool, "--from", listing.path],
    ] {
      let run = try CommandRun.pooltable(arguments, environment: environment)
      XCTAssertEqual(run.exitCode, 1, "\(arguments): \(run.errors)")
      XCTAssertTrue(run.errors.contains("run 'pooltable migrate'"), "\(arguments): \(run.errors)")
      XCTAssertEqual(run.errors.components(separatedBy: "SQLSTATE").count, 2, run.errors)
    }
  }
}
