import Foundation
import TestSupport
import XCTest

/// The README's page "From a token to a row": its commands are run as they stand, and print what it says.
final class TokenToRowTests: XCTestCase {
  func testTheCommandsOfTheREADME() throws {
    let session = try DocumentedSession(in: "README.md", beginning: "pooltable migrate")
    XCTAssertEqual(session.steps.count, 10)
    let database = try TestDatabase(migrated: false)
    // Roles are the whole server's.
    let drop = "DROP OWNED BY anon, authenticated CASCADE; DROP ROLE anon, authenticated"
    defer { try? database.execute(drop) }
    let moto = try MotoServer.shared
    let pool = try moto.createUserPool()
    let client = try moto.createClient(in: pool)
    let password = "Some-Password-1"
    for name in ["ada", "bob"] {
      try moto.signUp(
        name, password: password, attributes: ["email": "\(name)@example.com"], client: client)
      try moto.confirmSignUp(name, client: client)
    }
    let own = [
      "DATABASE_URL": database.ownerURL, "pool": pool.text, "client": client, "password": password,
    ]
    let environment = moto.sessionEnvironment.merging(own) { $1 }
    XCTAssertEqual(try session.differences(environment), [])
  }
}
