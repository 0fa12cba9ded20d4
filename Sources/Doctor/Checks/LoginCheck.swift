/// What the function's login may do at the database: too little and too much.
enum LoginCheck {
  /// A login's rights, as the server sees them, with those of every role that it is in: also of those that it does not
  /// inherit from, for whoever has the login can say SET ROLE.
  struct Rights: Sendable, Equatable {
    var login: String
    /// Of `SUPERUSER`, `BYPASSRLS`, `CREATEROLE`, `CREATEDB`, `REPLICATION`, its own; no role inherits these.
    var attributes: [String] = []
    /// The roles that it is in and that have such attributes, or are among `predefinedRoles`.
    var roles: [Role] = []
    /// Whether it is the owner of the schema, or in that role.
    var ownsSchema = false
    /// Whether it may use the schema at all.
    var mayUseSchema = true
    /// Where it may create objects, as SQL names it: `SCHEMA cognito`, `DATABASE app`.
    var createsIn: [String] = []
    /// The functions of the schema that it may call.
    var functions: Set<String> = []
    /// Those that it may call by SET ROLE only.
    var functionsByRole: Set<String> = []
    /// What it may do with tables and views of the schema: `users SELECT`.
    var tables: [String] = []
    /// The server ends its statements after so many milliseconds; 0: never. Nil where it is not known.
    var statementTimeout: Int?
  }

  /// A role that a login is in.
  struct Role: Sendable, Equatable {
    var name: String
    /// As a login's.
    var attributes: [String] = []
  }

  /// Roles that PostgreSQL and RDS bring along and that reach beyond what is granted, or lead to more.
  ///
  /// Source: PostgreSQL 18 documentation, "Predefined Roles"; Amazon RDS User Guide, "Understanding PostgreSQL roles
  /// and permissions".
  static let predefinedRoles = [
    "pg_create_subscription", "pg_execute_server_program", "pg_maintain", "pg_read_all_data",
    "pg_read_server_files", "pg_signal_backend", "pg_write_all_data", "pg_write_server_files",
    rdsSuperuser, "rds_replication",
  ]
  private static let rdsSuperuser = "rds_superuser"

  /// Why the login could do anything; nil where it could not.
  private static func almightiness(_ rights: Rights) -> String? {
    if rights.attributes.contains("SUPERUSER") { return "is a superuser" }
    if let role = rights.roles.first(where: { $0.attributes.contains("SUPERUSER") }) {
      return "is in the role \(role.name), a superuser"
    }
    if rights.roles.contains(where: { $0.name == rdsSuperuser }) {
      return "is in the role \(rdsSuperuser)"
    }
    return rights.ownsSchema ? "owns the schema cognito" : nil
  }

  static func findings(_ rights: Rights, for features: Features) -> [Finding] {
    let login = rights.login
    let option = features.answersAppSync ? "--reader-role" : "--handler-role"
    if let what = almightiness(rights) {
      return [
        .failed(
          .login, "\(login) \(what): whoever gets into the function could do anything",
          "a login of its own, by 'pooltable migrate \(option) LOGIN'; where this one is yours and not the "
            + "function's, name the function's with --handler-role")
      ]
    }
    var found: [Finding] = []
    let missing = SchemaRights.needed(for: features).subtracting(rights.functions).sorted()
    if !rights.mayUseSchema || !missing.isEmpty {
      let what = rights.mayUseSchema ? "call \(missing.joined(separator: ", "))" : "use the schema"
      found.append(
        .failed(
          .login, "\(login) may not \(what)",
          "pooltable migrate \(option) \(login)"))
    }
    if !rights.attributes.isEmpty {
      found.append(
        .failed(
          .login,
          "\(login) has \(rights.attributes.joined(separator: ", ")), which the function needs not",
          "ALTER ROLE … \(rights.attributes.map { "NO\($0)" }.joined(separator: " "))"))
    }
    if !rights.roles.isEmpty {
      let roles = rights.roles.map { role in
        role.attributes.isEmpty
          ? role.name : "\(role.name) (\(role.attributes.joined(separator: ", ")))"
      }
      found.append(
        .failed(
          .login,
          "\(login) is in roles that the function needs not: \(roles.joined(separator: ", "))",
          "REVOKE \(rights.roles.map(\.name).joined(separator: ", ")) FROM \(login), or from the role that brings it in"
        ))
    }
    if !rights.createsIn.isEmpty {
      found.append(
        .failed(
          .login, "\(login) may CREATE in \(rights.createsIn.joined(separator: " and "))",
          "REVOKE CREATE ON … FROM it or the role that brings the right; an owner of the database keeps it"
        ))
    }
    let tables = rights.tables.filter {
      !(features.answersAppSync && SchemaRights.readersTables.contains($0))
    }
    if !tables.isEmpty {
      found.append(
        .failed(
          .login,
          "\(login) may do more with tables than it should: \(tables.joined(separator: ", "))",
          features.answersAppSync
            ? "REVOKE it: of the schema's tables the function reads users_live and memberships only"
            : "REVOKE it: the function calls functions, and reads and writes no table"))
    }
    let known = SchemaRights.handlers.union(features.answersAppSync ? SchemaRights.readers : [])
    let beyond = rights.functions.union(rights.functionsByRole).subtracting(known).sorted()
    if !beyond.isEmpty {
      found.append(
        .warning(
          .login, "\(login) may also call \(beyond.joined(separator: ", "))",
          "REVOKE EXECUTE, unless a function of your own needs it"))
    }
    if rights.statementTimeout == 0 {
      found.append(
        .warning(
          .login,
          "\(login) has no statement_timeout: a statement whose client has given up runs on",
          features.answersAppSync
            ? "ALTER ROLE \(login) SET statement_timeout = '9s', or what is a little less than the function's Timeout"
            : "pooltable migrate --handler-role \(login), which sets it to 3s in this database"))
    }
    return found.isEmpty
      ? [
        .ok(
          .login,
          "\(login) may call what the function calls, and nothing else in the schema cognito")
      ] : found
  }
}

/// Which functions of the schema are called by whom; a test compares it with what the schema itself grants.
enum SchemaRights {
  /// What `cognito.grant_handler` grants.
  static let handlers: Set<String> = writing.union(tokens).union(pushing).union(following)
    .union(signUps).union(migrating)
  /// What `cognito.grant_reader` grants.
  static let readers: Set<String> = [
    "jwt", "current_sub", "current_user_pool_id", "current_user_id", "has_role", "has_group",
    "pre_request", "resolve", "resolve_requests",
  ]
  /// The same of tables.
  static let readersTables: Set<String> = ["memberships SELECT", "users_live SELECT"]

  private static let writing: Set<String> = ["sync_user"]
  private static let tokens: Set<String> = [
    "roles_for_token", "claims_for_token", "is_reserved_claim", "reserved_claim",
    "contents_for_token", "sync_user_for_token",
  ]
  private static let pushing: Set<String> = [
    "claim_role_changes", "settle_role_changes", "postpone_role_changes", "retry_missing_groups",
  ]
  private static let following: Set<String> = ["find_user", "mark_deleted"]
  private static let signUps: Set<String> = ["decide_sign_up"]
  private static let migrating: Set<String> = ["find_legacy_user"]

  /// What a deployment calls. A function that answers AppSync may do that only, with a reader's login.
  static func needed(for features: Features) -> Set<String> {
    var needed: Set<String> = features.answersAppSync ? readers : writing
    if features.tokenRoles || features.tokenClaims { needed.formUnion(tokens) }
    if features.syncOnToken { needed.formUnion(writing) }
    if features.pushesOnSchedule { needed.formUnion(pushing) }
    if features.followsChanges { needed.formUnion(following.union(writing)) }
    if features.asksDatabaseAboutSignUps { needed.formUnion(signUps) }
    if features.migratesUsers { needed.formUnion(migrating) }
    return needed
  }
}
