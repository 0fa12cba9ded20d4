import Foundation
import SchemaMigrations
import TestSupport
import XCTest

/// `schema.sql` is what the migrations make, to be read in one file.
final class SchemaFileTests: XCTestCase {
  func testTheFileIsWhatTheMigrationsMake() throws {
    let database = try TestDatabase(migrated: false)
    try Migrator(connection: database.owner).migrate()
    let dump = try CommandRun.run(
      URL(fileURLWithPath: "/usr/bin/env"),
      ["pg_dump", "--schema-only", "--no-owner", "--schema=cognito", database.ownerURL])
    XCTAssertEqual(dump.exitCode, 0, dump.errors)
    let made = Self.header + Self.readable(dump.output)
    let file = TestEnvironment.packageRoot.appendingPathComponent(
      "Sources/SchemaMigrations/schema.sql")
    let madeFile = TestEnvironment.packageRoot.appendingPathComponent(".build/schema.sql")
    try Data(made.utf8).write(to: madeFile)
    let written = try String(decoding: Data(contentsOf: file), as: UTF8.self)
    XCTAssertTrue(
      written == made, "the migrations make another: cp .build/schema.sql \(file.relativePath)")
  }

  private static let header = """
    -- The schema as the migrations leave it, for reading; what is run is in SQL. Made by pg_dump, without its
    -- comments and settings. A test writes it to .build/schema.sql and compares.

    """

  /// Without what says nothing of the schema.
  private static func readable(_ dump: String) -> String {
    var lines: [Substring] = []
    var isInFunction = false
    for line in dump.split(separator: "\n", omittingEmptySubsequences: false) {
      if !isInFunction {
        let isNoise = ["--", "SET ", "SELECT pg_catalog.set_config", "\\"].contains {
          line.hasPrefix($0)
        }
        if isNoise || (line.isEmpty && lines.last?.isEmpty != false) { continue }
      }
      if line.components(separatedBy: "$function$").count == 2
        || line.components(separatedBy: "$procedure$").count == 2
      {
        isInFunction.toggle()
      }
      lines.append(line)
    }
    return "\n" + lines.joined(separator: "\n").trimmingCharacters(in: .newlines) + "\n"
  }
}
