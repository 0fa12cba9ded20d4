/// One numbered SQL file.
public struct Migration: Sendable, Equatable {
  public let version: Int
  /// What the file name tells, as `users_and_roles`.
  public let name: String
  public let sql: String

  /// Every migration of this build, in order.
  ///
  /// SwiftPM names an embedded file after its path and puts `_` in place of a leading digit.
  /// A file that was released is never changed: `Migrator` refuses a database that has another text.
  public static let all = [
    Migration(1, "users_and_roles", PackageResources._001_users_and_roles_sql),
    Migration(2, "sync_user", PackageResources._002_sync_user_sql),
    Migration(3, "sign_ins", PackageResources._003_sign_ins_sql),
    Migration(4, "token_roles", PackageResources._004_token_roles_sql),
    Migration(5, "reconciliation", PackageResources._005_reconciliation_sql),
    Migration(6, "role_outbox", PackageResources._006_role_outbox_sql),
    Migration(7, "handler_rights", PackageResources._007_handler_rights_sql),
  ]

  public init(version: Int, name: String, sql: String) {
    self.version = version
    self.name = name
    self.sql = sql
  }

  private init(_ version: Int, _ name: String, _ file: [UInt8]) {
    self.init(version: version, name: name, sql: String(decoding: file, as: UTF8.self))
  }
}
