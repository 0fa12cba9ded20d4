import CognitoAPI

/// What a pool is like, apart from whom it calls.
enum PoolChecks {
  /// - Parameter wired: the triggers that call the function.
  static func tokenEvents(
    _ pool: UserPoolID, _ description: PoolDescription, wired: Set<PoolTrigger>,
    _ features: Features
  ) -> Finding? {
    guard wired.contains(.preTokenGeneration), let version = description.tokenEventVersion else {
      return nil
    }
    let text = "\(pool) sends version \(version), with the plan \(description.plan ?? "(not told)")"
    if version != "V1_0", description.plan == "LITE" {
      return .failed(
        .tokenEvents, "\(text), which does not have it",
        "the plan ESSENTIALS or PLUS, or TokenEventVersion=V1_0")
    }
    return version == "V1_0" && features.tokenClaims
      ? .ok(.tokenEvents, "\(text): claims go into the ID token only")
      : .ok(.tokenEvents, text)
  }

  static func issuer(_ pool: UserPoolID, _ description: PoolDescription) -> Finding {
    .ok(
      .issuer,
      description.hasUpdatedIssuer
        ? "tokens of \(pool) name issuer-cognito-idp, which verifiers must know"
        : "tokens of \(pool) name cognito-idp of the region that they are from")
  }

  /// - Parameter region: where the function runs.
  static func replicas(
    _ pool: UserPoolID, _ regions: [String], region: String?, _ description: PoolDescription,
    _ features: Features
  ) -> Finding {
    if let region, pool.isReplica(in: region) {
      let writes = features.writeBackAttribute != nil || features.pushesOnSchedule
      return writes
        ? .warning(
          .replicas, "\(region) has a replica of \(pool), to which nothing is written",
          "WRITE_BACK_ATTRIBUTE and PUSH_ON_SCHEDULE belong to the function in the primary region")
        : .ok(.replicas, "\(region) has a replica of \(pool)")
    }
    if regions.isEmpty { return .ok(.replicas, "\(pool) has none") }
    let names = regions.joined(separator: ", ")
    return description.hasUpdatedIssuer
      ? .ok(
        .replicas, "\(pool) has some in \(names): triggers, rules and trails are set per region")
      : .warning(
        .replicas, "\(pool) has some in \(names), whose tokens name another issuer",
        "verify with --issuer-region for each, or have the pool use the updated issuer")
  }

  /// - Parameter attribute: its full name.
  static func writeBack(
    _ attribute: String, _ pool: UserPoolID, _ description: PoolDescription
  ) -> Finding {
    guard let found = description.attributes[attribute] else {
      return .failed(
        .writeBackAttribute, "\(pool) has no \(attribute)",
        "aws cognito-idp add-custom-attributes, a mutable string of at least 36 characters")
    }
    guard found.isMutable, found.maxLength.map({ $0 >= 36 }) ?? true else {
      return .failed(
        .writeBackAttribute,
        "\(attribute) of \(pool) \(found.isMutable ? "is shorter than 36 characters" : "cannot be changed")",
        "a custom attribute cannot be altered: add another, and name it in WRITE_BACK_ATTRIBUTE")
    }
    return .ok(.writeBackAttribute, "\(pool) has \(attribute), mutable and long enough")
  }

  /// By which a client sends a password as it is.
  private static let passwordFlows: Set<String> = [
    "ALLOW_USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH",
  ]
  /// By which a server with AWS credentials does.
  private static let administratorsFlows: Set<String> = [
    "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH",
  ]

  /// That no client's users write what says who they are.
  ///
  /// - Parameters:
  ///   - attribute: its full name.
  ///   - check: what the findings are told as.
  static func writing(
    _ attribute: String, _ check: CheckName, _ pool: UserPoolID, _ clients: [AppClient]
  ) -> [Finding] {
    clients.compactMap { client in
      let name = "app client \(client.name) of \(pool)"
      guard let writable = client.writeAttributes else {
        return .warning(
          check,
          "\(name) does not list what users may write: the standard attributes, as AWS documents it",
          "list the WriteAttributes of \(client.name), without \(attribute)")
      }
      guard writable.contains(attribute) else { return nil }
      return .failed(
        check, "\(name) lets users write \(attribute): anybody could be somebody else",
        "take \(attribute) out of the WriteAttributes of \(client.name)")
    }
  }

  /// - Parameter clients: those that were looked at.
  /// - Returns: none where the pool has no such attribute.
  static func legacyAttribute(
    _ pool: UserPoolID, _ description: PoolDescription, _ clients: [AppClient]
  ) -> [Finding] {
    guard hasLegacyAttribute(description) else { return [] }
    let attribute = CustomAttribute.legacyID.name
    let found = writing(attribute, .legacyAttribute, pool, clients)
    guard found.isEmpty else { return found }
    return [
      .ok(
        .legacyAttribute,
        clients.isEmpty
          ? "\(pool) has \(attribute), and no app client"
          : "none of \(clients.count) app clients of \(pool) lets users write \(attribute)")
    ]
  }

  /// Whether users of the pool have the id that they had before Cognito, as an import calls it.
  static func hasLegacyAttribute(_ description: PoolDescription) -> Bool {
    description.attributes[CustomAttribute.legacyID.name] != nil
  }

  /// Whom clients tell who exists, and how they take passwords.
  static func clients(
    _ pool: UserPoolID, _ clients: [AppClient], migratesUsers: Bool
  ) -> [Finding] {
    var found: [Finding] = []
    for client in clients {
      let name = "app client \(client.name) of \(pool)"
      if client.tellsWhoExists {
        found.append(
          .warning(
            .appClients, "\(name) tells whether there is a user of a name",
            "PreventUserExistenceErrors=ENABLED"))
      }
      if !migratesUsers, client.authFlows.contains(where: passwordFlows.contains) {
        found.append(
          .warning(
            .appClients,
            "\(name) takes passwords as they are (USER_PASSWORD_AUTH), which only a user migration needs",
            "take it out of ExplicitAuthFlows, and have the client use SRP"))
      }
    }
    let bringing = passwordFlows.union(administratorsFlows)
    let takingPasswords = clients.count { !bringing.isDisjoint(with: $0.authFlows) }
    if migratesUsers, takingPasswords == 0 {
      found.append(
        .warning(
          .appClients,
          "no app client of \(pool) takes passwords as they are: its user migration trigger is never asked",
          "ALLOW_USER_PASSWORD_AUTH in a client's ExplicitAuthFlows, until everybody is here"))
    }
    if found.isEmpty {
      let text =
        if clients.isEmpty {
          "\(pool) has none"
        } else if migratesUsers {
          "none of \(clients.count) of \(pool) tells who exists; \(takingPasswords) "
            + "\(takingPasswords == 1 ? "takes" : "take") passwords as they are, until everybody is here"
        } else {
          "none of \(clients.count) of \(pool) tells who exists, or takes passwords as they are"
        }
      found.append(.ok(.appClients, text))
    }
    return found
  }
}
