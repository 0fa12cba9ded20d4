/// One numbered SQL file.
public struct Migration: Sendable, Equatable {
  /// The file's number, from 1.
  public let version: Int
  /// What the file name tells, as `users_and_roles`.
  public let name: String
  /// The file's text: statements that run in one transaction.
  public let sql: String

  /// Every migration of this build, in order.
  ///
  /// SwiftPM names an embedded file after its path and puts `_` in place of a leading digit.
  /// A file that was released is never changed: `Migrator` refuses a database that has another text.
  public static let all = [
    Migration(1, "users_and_roles", PackageResources._001_users_and_roles_sql),
    Migration(2, "sync_user", PackageResources._002_sync_user_sql),
    Migration(3, "sync_users", PackageResources._003_sync_users_sql),
    Migration(4, "roles_to_cognito", PackageResources._004_roles_to_cognito_sql),
    Migration(5, "handler_rights", PackageResources._005_handler_rights_sql),
    Migration(6, "forget_users", PackageResources._006_forget_users_sql),
    Migration(7, "merge_users", PackageResources._007_merge_users_sql),
    Migration(8, "tokens", PackageResources._008_tokens_sql),
    Migration(9, "row_level_security", PackageResources._009_row_level_security_sql),
    Migration(10, "sign_up", PackageResources._010_sign_up_sql),
    Migration(11, "resolvers", PackageResources._011_resolvers_sql),
    Migration(12, "legacy_users", PackageResources._012_legacy_users_sql),
  ]

  /// - Parameters: as the properties of the same names.
  public init(version: Int, name: String, sql: String) {
    self.version = version
    self.name = name
    self.sql = sql
  }

  private init(_ version: Int, _ name: String, _ file: [UInt8]) {
    self.init(version: version, name: name, sql: String(decoding: file, as: UTF8.self))
  }
}
