import CognitoAPI

/// Which triggers of a pool call the function, and which must.
struct TriggerChecks {
  let pool: UserPoolID
  let description: PoolDescription
  /// The function; nil where none was named and no trigger calls one.
  let function: FunctionReference?
  let features: Features
  /// Whether the function was named, or taken from the pool.
  let isNamed: Bool

  /// - Parameter function: nil where none was named: the one that the pool calls when users confirm or sign in is
  ///   meant then, unless AppSync is what calls it.
  init(
    _ pool: UserPoolID, _ description: PoolDescription, function: FunctionReference?,
    features: Features
  ) {
    self.pool = pool
    self.description = description
    self.features = features
    isNamed = function != nil
    let called: [PoolTrigger] =
      features.answersAppSync ? [] : [.postConfirmation, .postAuthentication, .preTokenGeneration]
    self.function =
      function
      ?? called.lazy.compactMap { description.triggers[$0].flatMap { FunctionReference($0) } }.first
  }

  /// The triggers that call it.
  var wired: Set<PoolTrigger> {
    guard let function else { return [] }
    return Set(
      description.triggers.filter { FunctionReference($0.value)?.isSame(as: function) == true }.keys
    )
  }

  var findings: [Finding] {
    let wired = wired
    if features.answersAppSync, wired.isEmpty {
      let missing = missing(wired)
      return missing.isEmpty
        ? [.ok(.triggers, "AppSync calls the function, which needs no trigger of \(pool)")]
        : missing
    }
    guard let function, !wired.isEmpty else {
      return [
        .failed(
          .triggers,
          "no trigger of \(pool) calls \(self.function?.name ?? "a function that could be this one")",
          "connect PostConfirmation and PostAuthentication (Triggers=connected; an existing pool: scripts/deploy/README.md)"
        )
      ]
    }
    var found = Self.forbidden.compactMap { trigger, consequence -> Finding? in
      guard wired.contains(trigger) else { return nil }
      return .failed(
        .triggers,
        "\(trigger.rawValue) of \(pool) calls \(function.name), which answers it unchanged: \(consequence)",
        "take it out of the pool's LambdaConfig, or point it at the function that does that")
    }
    found += missing(wired) + needless(wired)
    if found.isEmpty {
      let names = PoolTrigger.allCases.filter { wired.contains($0) }.map(\.rawValue)
      let whom = isNamed ? function.name : "\(function.name) (no function was named: taken for it)"
      found.append(
        .ok(
          .triggers,
          "\(names.joined(separator: ", ")) of \(pool) call\(names.count == 1 ? "s" : "") \(whom)"))
    }
    return found
  }

  /// What an unchanged answer does where somebody waits for another.
  private static let forbidden: [(PoolTrigger, String)] = [
    (.customEmailSender, "no code is ever sent"),
    (.customSMSSender, "no code is ever sent"),
    (.defineAuthChallenge, "no custom sign-in ever ends"),
    (.createAuthChallenge, "no custom sign-in ever ends"),
    (.verifyAuthChallenge, "no custom sign-in ever ends"),
    (.inboundFederation, "what the provider says is not what it is meant to decide"),
  ]

  private func missing(_ wired: Set<PoolTrigger>) -> [Finding] {
    var found: [Finding] = []
    func require(_ trigger: PoolTrigger, for names: [String]) {
      guard !names.isEmpty, !wired.contains(trigger) else { return }
      found.append(
        .failed(
          .triggers,
          "\(names.joined(separator: ", ")) is on, and \(trigger.rawValue) of \(pool) does not call the function",
          "connect \(trigger.rawValue)"))
    }
    require(.preTokenGeneration, for: features.ofTokens)
    require(.preSignUp, for: features.ofSignUps)
    require(.userMigration, for: features.migratesUsers ? ["MIGRATE_USERS"] : [])
    return found
  }

  private func needless(_ wired: Set<PoolTrigger>) -> [Finding] {
    var needless: [PoolTrigger] = [.preAuthentication, .customMessage]
    if !features.migratesUsers { needless.append(.userMigration) }
    if features.ofTokens.isEmpty { needless.append(.preTokenGeneration) }
    if features.ofSignUps.isEmpty { needless.append(.preSignUp) }
    return needless.filter(wired.contains).map { trigger in
      .warning(
        .triggers,
        "\(trigger.rawValue) of \(pool) calls the function, which does nothing then: one more call, and one more way to fail",
        "take it out of the pool's LambdaConfig")
    }
  }
}
