import CognitoAPI
import XCTest

@testable import Doctor

/// Who is called for what, and what a pool and its app clients are like.
final class PoolChecksTests: XCTestCase {
  private static let arn = "arn:aws:lambda:eu-central-1:111122223333:function:pooltable"
  private static let other = "arn:aws:lambda:eu-central-1:111122223333:function:other"
  private let pool = UserPoolID("eu-central-1_a1B2c3D4e")!

  private func features(_ change: (inout Features) -> Void = { _ in }) -> Features {
    var features = Features()
    change(&features)
    return features
  }

  private func findings(
    _ triggers: [PoolTrigger: String], function: String? = "pooltable",
    _ features: Features = Features()
  ) -> [Finding] {
    var description = PoolDescription()
    description.triggers = triggers
    return TriggerChecks(
      pool, description, function: function.flatMap { FunctionReference($0) }, features: features
    ).findings
  }

  private let usual: [PoolTrigger: String] = [.postConfirmation: arn, .postAuthentication: arn]

  func testTheUsualTriggersAreAsTheyShouldBe() {
    XCTAssertEqual(
      findings(usual),
      [.ok(.triggers, "PostConfirmation, PostAuthentication of \(pool) call pooltable")])
    XCTAssertEqual(
      findings(usual.mapValues { "\($0):live" }), findings(usual), "an alias is the same function")
    XCTAssertEqual(findings(usual, function: Self.arn), findings(usual))
  }

  func testTheFunctionIsTakenFromThePoolWhereNoneIsNamed() {
    XCTAssertEqual(findings(usual, function: nil).map(\.verdict), [.ok])
    XCTAssertTrue(findings(usual, function: nil)[0].text.contains("no function was named"))
    XCTAssertEqual(findings([:], function: nil).map(\.verdict), [.failed])
  }

  func testAPoolThatCallsSomebodyElseHasFailed() {
    for triggers in [[:], usual.mapValues { _ in Self.other }] {
      XCTAssertEqual(findings(triggers).map(\.verdict), [.failed])
    }
    let elsewhere = "arn:aws:lambda:eu-central-1:999999999999:function:pooltable"
    XCTAssertEqual(findings(usual, function: elsewhere).map(\.verdict), [.failed])
  }

  func testAFunctionOfAppSyncsNeedsNoTrigger() {
    let appSync = features { $0.answersAppSync = true }
    for (triggers, function) in [
      (usual, "stack-api"), ([:], "stack-api"), (usual, nil), ([:], nil),
    ] {
      XCTAssertEqual(
        findings(triggers, function: function, appSync),
        [.ok(.triggers, "AppSync calls the function, which needs no trigger of \(pool)")])
    }
    XCTAssertEqual(
      findings(usual, function: "pooltable", appSync).map(\.text),
      ["PostConfirmation, PostAuthentication of \(pool) call pooltable"])
    // What is for a trigger needs one all the same.
    let both = features {
      $0.answersAppSync = true
      $0.tokenRoles = true
    }
    XCTAssertEqual(findings(usual, function: "stack-api", both).map(\.verdict), [.failed])
    XCTAssertEqual(Journey.finding(pool, with: [], appSync).verdict, .skipped)
    XCTAssertEqual(Journey.finding(pool, with: [.postConfirmation], appSync).verdict, .warning)
  }

  func testTriggersThatMustNotPointHere() {
    for trigger: PoolTrigger in [
      .customEmailSender, .customSMSSender, .defineAuthChallenge, .createAuthChallenge,
      .verifyAuthChallenge, .inboundFederation,
    ] {
      let here = findings(usual.merging([trigger: Self.arn]) { $1 })
      XCTAssertEqual(here.map(\.verdict), [.failed], trigger.rawValue)
      XCTAssertTrue(here[0].text.hasPrefix("\(trigger.rawValue) of "), here[0].text)
      XCTAssertNotNil(here[0].remedy)
      XCTAssertEqual(
        findings(usual.merging([trigger: Self.other]) { $1 }).map(\.verdict), [.ok],
        "another function may have it")
    }
  }

  func testWhatIsOnNeedsItsTriggerAndATriggerNeedsWhatIsOn() {
    let rows: [(Features, PoolTrigger)] = [
      (features { $0.tokenRoles = true }, .preTokenGeneration),
      (features { $0.tokenClaims = true }, .preTokenGeneration),
      (features { $0.syncOnToken = true }, .preTokenGeneration),
      (features { $0.decidesSignUps = true }, .preSignUp),
      (features { $0.linksProviders = true }, .preSignUp),
      (features { $0.migratesUsers = true }, .userMigration),
    ]
    for (features, trigger) in rows {
      XCTAssertEqual(findings(usual, features).map(\.verdict), [.failed], trigger.rawValue)
      let connected = usual.merging([trigger: Self.arn]) { $1 }
      XCTAssertEqual(findings(connected, features).map(\.verdict), [.ok])
      XCTAssertEqual(findings(connected).map(\.verdict), [.warning], "connected for nothing")
    }
    for trigger: PoolTrigger in [.preAuthentication, .customMessage] {
      XCTAssertEqual(
        findings(usual.merging([trigger: Self.arn]) { $1 }).map(\.verdict), [.warning])
    }
  }

  private func findings(_ triggers: [PoolTrigger: String], _ features: Features) -> [Finding] {
    findings(triggers, function: "pooltable", features)
  }

  func testJourneysThatAreMissed() {
    let all: Set<Journey> = Set(Journey.allCases)
    let whole: Set<PoolTrigger> = [.postConfirmation, .postAuthentication, .preTokenGeneration]
    let everything = features {
      $0.syncOnToken = true
      $0.followsChanges = true
    }
    let rows: [(Set<PoolTrigger>, Features, missed: Set<Journey>, Finding.Verdict)] = [
      ([], Features(), all, .warning),
      (
        [.postConfirmation, .postAuthentication], Features(), [.renewed, .disabled, .deleted], .ok
      ),
      (
        [.postConfirmation], Features(),
        all.subtracting([.signedUp, .confirmedByAdministrator, .federated]), .warning
      ),
      ([.postAuthentication], Features(), [.renewed, .disabled, .deleted], .ok),
      // The trigger alone does nothing.
      (whole, Features(), [.renewed, .disabled, .deleted], .ok),
      (whole, features { $0.syncOnToken = true }, [.disabled, .deleted], .ok),
      (whole, features { $0.followsChanges = true }, [.renewed], .ok),
      (whole, everything, [], .ok),
      (
        [], features { $0.followsChanges = true }, [.signedUp, .federated, .renewed, .imported],
        .warning
      ),
    ]
    for (wired, features, missed, verdict) in rows {
      XCTAssertEqual(
        Set(Journey.allCases.filter { $0.isMissed(with: wired, features) }), missed,
        "\(wired) \(features)")
      let finding = Journey.finding(pool, with: wired, features)
      XCTAssertEqual(finding.verdict, verdict, finding.text)
    }
    XCTAssertEqual(
      Journey.finding(pool, with: whole, everything).text, "every way of a user of \(pool) is seen")
  }

  func testTheVersionOfTokenEventsMustBeInThePlan() {
    let rows: [(version: String?, plan: String?, Finding.Verdict?)] = [
      ("V1_0", "LITE", .ok), ("V2_0", "LITE", .failed), ("V3_0", "LITE", .failed),
      ("V2_0", "ESSENTIALS", .ok), ("V3_0", "PLUS", .ok), ("V2_0", nil, .ok), (nil, "LITE", nil),
    ]
    for (version, plan, verdict) in rows {
      var description = PoolDescription()
      (description.tokenEventVersion, description.plan) = (version, plan)
      XCTAssertEqual(
        PoolChecks.tokenEvents(pool, description, wired: [.preTokenGeneration], Features())?
          .verdict,
        verdict, "\(version ?? "none") \(plan ?? "none")")
      XCTAssertNil(PoolChecks.tokenEvents(pool, description, wired: [], Features()))
    }
  }

  func testTheWriteBackAttributeIsThereMutableAndLongEnough() {
    let rows: [(PoolAttribute?, Finding.Verdict)] = [
      (nil, .failed), (PoolAttribute(isMutable: false), .failed),
      (PoolAttribute(isMutable: true, maxLength: 35), .failed),
      (PoolAttribute(isMutable: true, maxLength: 36), .ok), (PoolAttribute(isMutable: true), .ok),
    ]
    for (attribute, verdict) in rows {
      var description = PoolDescription()
      description.attributes["custom:userId"] = attribute
      XCTAssertEqual(
        PoolChecks.writeBack("custom:userId", pool, description).verdict, verdict,
        "\(attribute as Any)")
    }
  }

  private func client(
    writes: [String]? = ["email"], flows: [String] = ["ALLOW_USER_SRP_AUTH"],
    tells: Bool = false
  ) -> AppClient {
    AppClient(
      id: "1", name: "web", writeAttributes: writes, authFlows: flows, tellsWhoExists: tells)
  }

  func testWhatSaysWhoSomebodyIsIsWrittenByNoAppClientsUsers() {
    let name = "custom:legacy_id"
    let rows: [(has: Bool, [AppClient], [Finding.Verdict])] = [
      (true, [client(writes: [name])], [.failed]), (true, [client(writes: ["email"])], [.ok]),
      (true, [client(writes: ["email"]), client(writes: ["email", name])], [.failed]),
      (true, [client(writes: nil), client(writes: [name])], [.warning, .failed]),
      (true, [], [.ok]), (false, [client(writes: nil)], []), (false, [client()], []),
    ]
    for (has, clients, verdicts) in rows {
      var description = PoolDescription()
      description.attributes[name] = has ? PoolAttribute(isMutable: false) : nil
      let legacy = PoolChecks.legacyAttribute(pool, description, clients)
      XCTAssertEqual(legacy.map(\.verdict), verdicts, "\(clients)")
      for finding in legacy {
        XCTAssertEqual(finding.check, .legacyAttribute)
        XCTAssertTrue(finding.verdict == .warning || finding.text.contains(name), finding.text)
        if let remedy = finding.remedy {
          XCTAssertTrue(remedy.contains(name) && remedy.contains("of web"), remedy)
        }
      }
      // The write-back attribute is known to be there, or not to be.
      let others = PoolChecks.writing(name, .writeBackAttribute, pool, clients)
      XCTAssertEqual(
        has ? others.map(\.verdict) : [], verdicts.filter { $0 != .ok }, "\(clients)")
    }
  }

  func testWhatAppClientsTellAndHowTheyTakePasswords() {
    let rows: [(clients: [AppClient], Finding.Verdict)] = [
      ([client(tells: true)], .warning),
      ([client(flows: ["ALLOW_USER_PASSWORD_AUTH"])], .warning),
      ([client(flows: ["USER_PASSWORD_AUTH"])], .warning),
      ([client(flows: ["ALLOW_ADMIN_USER_PASSWORD_AUTH"])], .ok),
    ]
    for (clients, verdict) in rows {
      let found = PoolChecks.clients(pool, clients, migratesUsers: false)
      XCTAssertEqual(found.map(\.verdict), [verdict], "\(clients)")
      for finding in found where finding.verdict != .ok {
        XCTAssertTrue(finding.text.hasPrefix("app client web of \(pool)"), finding.text)
      }
    }
    // A migration needs passwords, whether a client sends them or a server.
    let bringing = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH"]
      .map { client(flows: [$0]) }
    let others = [client()]
    let texts: [([AppClient], migratesUsers: Bool, Finding.Verdict, String)] = [
      ([], false, .ok, "\(pool) has none"),
      (
        others, false, .ok, "none of 1 of \(pool) tells who exists, or takes passwords as they are"
      ),
      (
        [bringing[0]], true, .ok,
        "none of 1 of \(pool) tells who exists; 1 takes passwords as they are, until everybody is here"
      ),
      (
        bringing + others, true, .ok,
        "none of 3 of \(pool) tells who exists; 2 take passwords as they are, until everybody is here"
      ),
      (
        others, true, .warning,
        "no app client of \(pool) takes passwords as they are: its user migration trigger is never asked"
      ),
    ]
    for (clients, migratesUsers, verdict, text) in texts {
      let found = PoolChecks.clients(pool, clients, migratesUsers: migratesUsers)
      XCTAssertEqual(found.map(\.verdict), [verdict], text)
      XCTAssertEqual(found.map(\.text), [text])
    }
  }

  func testReplicasAndTheirIssuers() {
    var updated = PoolDescription()
    updated.hasUpdatedIssuer = true
    let writing = features { $0.writeBackAttribute = "custom:userId" }
    let rows: [([String], region: String?, PoolDescription, Features, Finding.Verdict)] = [
      ([], "eu-central-1", PoolDescription(), writing, .ok),
      (["eu-west-1"], "eu-central-1", PoolDescription(), writing, .warning),
      (["eu-west-1"], nil, updated, writing, .ok),
      (["eu-west-1"], "eu-west-1", updated, writing, .warning),
      (["eu-west-1"], "eu-west-1", updated, Features(), .ok),
    ]
    for (regions, region, description, features, verdict) in rows {
      XCTAssertEqual(
        PoolChecks.replicas(pool, regions, region: region, description, features).verdict, verdict,
        "\(regions) \(region ?? "nowhere")")
    }
    XCTAssertNotEqual(PoolChecks.issuer(pool, updated), PoolChecks.issuer(pool, PoolDescription()))
  }

  func testWhatLambdaGives() {
    var deployment = Deployment()
    XCTAssertEqual(FunctionChecks.findings(deployment), [])
    for (timeout, memory, verdicts): (Int, Int, [Finding.Verdict]) in [
      (5, 256, [.ok, .ok]), (3, 128, [.failed, .warning]),
    ] {
      (deployment.timeout, deployment.memory) = (timeout, memory)
      XCTAssertEqual(FunctionChecks.findings(deployment).map(\.verdict), verdicts)
    }
    deployment.features.migratesUsers = true
    for (memory, verdicts): (Int, [Finding.Verdict]) in [(1023, [.ok, .warning]), (1024, [.ok])] {
      (deployment.timeout, deployment.memory) = (nil, memory)
      XCTAssertEqual(FunctionChecks.findings(deployment).map(\.verdict), verdicts)
    }
  }

  func testAFunctionsNameIsReadOfEveryWayToWriteIt() {
    for text in [
      "pooltable", "pooltable:live", Self.arn, "\(Self.arn):live", "\(Self.arn):$LATEST",
    ] { XCTAssertEqual(FunctionReference(text)?.name, "pooltable", text) }
    XCTAssertEqual(FunctionReference("\(Self.arn):live")?.arn, Self.arn)
    XCTAssertEqual(FunctionReference(Self.arn)?.region, "eu-central-1")
    for text in [
      "", "a/b", "a b", "arn:aws:sqs:eu-central-1:1:q", "a:b:c", String(repeating: "a", count: 141),
    ] {
      XCTAssertNil(FunctionReference(text), text)
    }
  }
}
