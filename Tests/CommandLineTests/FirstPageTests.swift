import Foundation
import TestSupport
import XCTest

/// The row that the first page shows, and what `scripts/replay` prints.
final class FirstPageTests: XCTestCase {
  func testTheRowIsWhatAConfirmationWrites() throws {
    let database = try TestDatabase()
    let function = try FunctionUnderTest(on: database)
    _ = try function.invoke(
      TestEvent("PostConfirmation_ConfirmSignUp", attributes: ["name": "Ada Berg"]))
    let session = try DocumentedSession(in: "README.md", beginning: "psql")
    XCTAssertEqual(try session.differences(["DATABASE_URL": database.ownerURL]), [])
  }

  /// The parts of the script, without its release build and its server.
  func testReplayEndsWithTheUsersWhoWereWritten() throws {
    let database = try TestDatabase()
    let root = TestEnvironment.packageRoot
    let script = try String(
      contentsOf: root.appendingPathComponent("scripts/replay"), encoding: .utf8)
    let sql = try XCTUnwrap(script.firstMatch(of: #/<<'SQL'\n((?s).*?)SQL\n/#)).1
    let run = try CommandRun.run(
      URL(fileURLWithPath: "/bin/bash"),
      [
        "-c",
        """
        cd "$0" && "$1" replay Fixtures/events/sources Fixtures/events/variations &&
          printf '\\ncognito.users\\n' && psql --quiet --pset=null=- "$OWNER_URL" --command="$2"
        """, root.path, TestEnvironment.products.appendingPathComponent("pooltable").path,
        String(sql),
      ],
      ["DATABASE_URL": database.handlerURL, "OWNER_URL": database.ownerURL])
    let output = run.output.trimmingCharacters(in: .newlines) + "\n"
    let session = try DocumentedSession(
      in: "Fixtures/README.md", beginning: "scripts/replay")
    XCTAssertEqual(session.differences(from: [output]), [], run.errors)

    let one = try DocumentedSession(in: "Fixtures/README.md", beginning: "pooltable replay")
    let other = try TestDatabase()
    XCTAssertEqual(try one.differences(["DATABASE_URL": other.handlerURL]), [])
  }
}
