import CognitoAPI
import Foundation
import Settings

/// A pool of moto's and a database with the same users, and roles to give them.
public final class RoleScene {
  public let moto: MotoServer
  public let pool: UserPoolID
  public let database: TestDatabase

  /// - Parameter users: their names in both; Cognito gives them their `sub`.
  public init(users: [String]) throws {
    moto = try MotoServer.shared
    pool = try moto.createUserPool()
    database = try TestDatabase()
    for user in users {
      let sub = try moto.createUser(user, in: pool).sub
      try database.query(
        """
        INSERT INTO cognito.users (user_pool_id, sub, username, observed_at)
        VALUES ($1::text, $2::uuid, $3::text, now())
        """, [pool.text, sub, user])
    }
  }

  public func addRole(_ name: String) throws {
    try database.query("INSERT INTO cognito.roles (name) VALUES ($1::text)", [name])
  }

  public func give(_ role: String, to user: String) throws {
    try database.query(
      """
      INSERT INTO cognito.user_roles
      SELECT u.id, r.id FROM cognito.users u, cognito.roles r
      WHERE u.username = $1::text AND r.name::text = $2::text
      ON CONFLICT DO NOTHING
      """, [user, role])
  }

  public func take(_ role: String, from user: String) throws {
    try database.query(
      """
      DELETE FROM cognito.user_roles USING cognito.users u, cognito.roles r
      WHERE u.id = user_id AND r.id = role_id AND u.username = $1::text AND r.name::text = $2::text
      """, [user, role])
  }

  /// What the tables say, by user name.
  public func roles() throws -> [String: Set<String>] {
    var roles: [String: Set<String>] = [:]
    for row in try database.query(
      """
      SELECT u.username, r.name::text FROM cognito.users u
      LEFT JOIN cognito.user_roles ur ON ur.user_id = u.id
      LEFT JOIN cognito.roles r ON r.id = ur.role_id
      """)
    {
      guard let user = row[0] else { continue }
      roles[user, default: []].formUnion([row[1]].compactMap(\.self))
    }
    return roles
  }

  /// What Cognito says, by user name.
  public func groups() throws -> [String: Set<String>] {
    var groups: [String: Set<String>] = [:]
    for user in try database.query("SELECT username FROM cognito.users") {
      guard let user = user[0] else { continue }
      groups[user] = try moto.groups(of: user, in: pool)
    }
    return groups
  }

  public var waiting: Int {
    get throws {
      try database.value("SELECT count(*) FROM cognito.role_outbox").flatMap { Int($0) } ?? -1
    }
  }

  /// What `pooltable` and `bootstrap` need to work on this scene.
  public var environment: [String: String] {
    moto.environment.merging(["DATABASE_URL": database.ownerURL]) { $1 }
  }

  public func client() throws -> CognitoClient {
    try CognitoClient(environment: Environment(moto.environment), version: "0")
  }
}
