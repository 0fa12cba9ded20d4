import Foundation
import TestSupport
import XCTest

/// The sessions of the READMEs that tell of the function's features and of the schema, run as they stand.
final class FeatureDocumentTests: XCTestCase {
  private let features = "Sources/TriggerFunction/README.md"

  func testInvitations() throws {
    let database = try TestDatabase()
    try database.execute("INSERT INTO cognito.roles (name) VALUES ('admin'), ('member')")
    let session = try DocumentedSession(in: features, beginning: "pooltable invite")
    XCTAssertEqual(try session.differences(["DATABASE_URL": database.ownerURL]), [])
  }

  func testTheRowsIdIsWrittenBack() throws {
    let scene = try RoleScene(users: ["ada", "bob"])
    let session = try DocumentedSession(in: features, beginning: "pooltable push --write-back")
    XCTAssertEqual(try session.differences(scene.environment), [])
  }

  func testRolesArePushed() throws {
    let scene = try RoleScene(users: ["ada", "bob", "eve"])
    for role in ["admin", "staff"] { try scene.addRole(role) }
    try scene.moto.createGroup("staff", in: scene.pool)
    try scene.moto.addUser("ada", toGroup: "staff", in: scene.pool)
    try scene.give("staff", to: "ada")
    try scene.take("staff", from: "ada")
    try scene.give("admin", to: "bob")
    try scene.give("staff", to: "eve")
    let session = try DocumentedSession(in: features, beginning: "pooltable push --create-groups")
    XCTAssertEqual(try session.differences(scene.environment), [])
  }

  func testTheReadersRole() throws {
    let database = try TestDatabase()
    try database.execute("CREATE ROLE backend")
    // Roles are the whole server's.
    let roles = "backend, cognito_reader"
    defer { try? database.execute("DROP OWNED BY \(roles); DROP ROLE \(roles)") }
    let session = try DocumentedSession(
      in: "Sources/SchemaMigrations/README.md", beginning: #"psql "$DATABASE_URL" -qc 'CREATE ROLE"#
    )
    XCTAssertEqual(try session.differences(["DATABASE_URL": database.ownerURL]), [])
  }
}
