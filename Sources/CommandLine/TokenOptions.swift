import AWS
import ArgumentParser
import Clock
import CognitoAPI
import FoundationEssentials
import HTTP
import JSON
import Settings
import TokenVerification
import TriggerFunction

/// Which token is looked at, and what it must say.
struct TokenOptions: ParsableArguments {
  // An array, and never quoted: whatever else stands there may be a token.
  @Argument(
    help: ArgumentHelp(
      """
      '-' reads the token from standard input. (default: $COGNITO_TOKEN, or else standard input) 'Bearer ' before it \
      and a line end after it do no harm.
      """, valueName: "-"))
  var source: [String] = []

  @OptionGroup var issuer: IssuerOptions

  @Option(
    help: ArgumentHelp(
      "The app client that it must be issued to; of several, one.", valueName: "id"))
  var clientID: [String] = []

  @Flag(help: "Take it from any app client of the pool: also those of other applications.")
  var anyClient = false

  @Option(
    help: ArgumentHelp(
      "What it must be for. (default: either)", valueName: "use"))
  var tokenUse: TokenUse?

  @Option(
    help: ArgumentHelp(
      "A group that its user must be in, by its claims; of several, one.", valueName: "name"))
  var group: [String] = []

  @Option(
    help: ArgumentHelp("A scope that it must have; of several, one.", valueName: "name"))
  var scope: [String] = []

  @Option(
    help: ArgumentHelp(
      "How far this machine's clock may be off, for exp, nbf and iat.", valueName: "duration"))
  var grace = DurationArgument(.zero)

  @Option(
    help: ArgumentHelp(
      "Take the pool's keys from this file, and ask nobody.", valueName: "file"),
    completion: .file())
  var jwks: String?

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard source.isEmpty || source == ["-"] else {
      throw ValidationError(
        "A token is no argument, where everybody on this machine can read it: give it on standard input, or in "
          + "\(TokenInput.variable).")
    }
    guard clientID.isEmpty == anyClient else {
      throw ValidationError("Give either --client-id or --any-client.")
    }
    guard grace.duration <= .seconds(3600) else {
      throw ValidationError("--grace must be an hour at most.")
    }
  }

  /// Looks at the token.
  ///
  /// - Throws: exit code 64 where there is none.
  func outcome() throws -> TokenOutcome {
    let environment = Environment.ofProcess()
    guard let token = TokenInput.token(fromInput: !source.isEmpty, environment) else {
      StandardError.print("no token: give it on standard input, or in \(TokenInput.variable)")
      throw ExitCode(64)
    }
    do {
      let verifier = TokenVerifier(
        try issuer.issuers(environment), keys: try keys(environment), expecting: expected)
      return .valid(
        try verifier.claims(of: token, at: .now(), until: .after(.seconds(10))))
    } catch let error as VerificationError {
      switch error {
      case .notValid(let fault): return .notValid(fault)
      case .noKeys(let failure): return .unknown(failure.description)
      }
    } catch {
      return .unknown("\(error)")
    }
  }

  private var expected: TokenExpectations {
    var expected = TokenExpectations(clientIDs: anyClient ? nil : clientID, use: tokenUse)
    expected.groups = group
    expected.scopes = scope
    expected.grace = grace.duration
    return expected
  }

  private func keys(_ environment: Environment) throws -> any KeySource {
    guard let jwks else {
      let fetcher = try KeyFetcher.forCommandLine(environment)
      return KeptKeys { (issuer, deadline) throws(KeyFailure) in
        try fetcher.keys(of: issuer, until: deadline)
      }
    }
    guard let file = FileManager.default.contents(atPath: jwks) else {
      throw CommandFailure("\(jwks): the file cannot be read; check the path and who may read it")
    }
    guard let keys = JSONWebKeySet(Array(file)) else {
      throw KeyFailure(jwks, .notAKeySet)
    }
    return keys
  }
}

/// Which pool's tokens and keys are meant, and where it is.
struct IssuerOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The user pool, as eu-central-1_a1B2c3D4e.", valueName: "id"))
  var userPoolID: String

  @Option(
    help: ArgumentHelp(
      "Another region that issues its tokens, as it has a replica of the pool; may be repeated.",
      valueName: "region"))
  var issuerRegion: [String] = []

  func validate() throws {
    guard UserPoolID(userPoolID) != nil else {
      throw ValidationError("--user-pool-id must be a user pool's id, as eu-central-1_a1B2c3D4e.")
    }
    guard issuerRegion.allSatisfy({ Partition.isRegion($0) }) else {
      throw ValidationError("--issuer-region must be an AWS region, as eu-central-1.")
    }
  }

  /// By the variables that the AWS command line reads, as `AWS_ENDPOINT_URL`.
  func issuers(_ environment: Environment) throws -> PoolIssuers {
    guard let pool = UserPoolID(userPoolID) else { throw ExitCode(64) }
    let endpoint = try ServiceEndpoint(of: .cognito, environment: environment)
    guard endpoint.hasHost(in: pool.region) else {
      throw CommandFailure(
        "\(pool.region), which the pool's id begins with, is not an AWS region; where it is an emulator's, set "
          + "AWS_ENDPOINT_URL")
    }
    return PoolIssuers(of: pool, alsoIn: issuerRegion, service: .cognito, endpoint: endpoint)
  }
}

extension KeyFetcher {
  static func forCommandLine(_ environment: Environment) throws -> KeyFetcher {
    try KeyFetcher(
      version: poolTableVersion, certificates: CertificateBundle.file(environment: environment))
  }
}

extension TokenUse: ExpressibleByArgument {}
