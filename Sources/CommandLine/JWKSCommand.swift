import ArgumentParser
import Clock
import JSON
import Postgres
import Settings
import TokenVerification

struct JWKSCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "jwks",
    abstract:
      "Prints a user pool's keys, or keeps a file of them, for PostgREST and other verifiers.",
    discussion: """
      The keys of each issuer that the pool has, as a JSON Web Key Set: those that verify tokens \
      (RSA of 2,048 bits or more, for RS256), always in the same order. No AWS credentials are \
      needed; AWS_ENDPOINT_URL is followed.

      With --watch the keys are written to a file whenever they change: to another file beside \
      it, which then takes its place, so that nobody ever reads half of it. The file keeps its \
      permissions; a new one may be read by all, as far as the umask lets it. If the keys cannot \
      be fetched, the file stays as it is, the reason is printed, and they are asked for again. \
      With --notify PostgREST, which reads the file by jwt-secret = "@FILE", is told to reload \
      it.

      Exit codes: 0 printed, or with --watch interrupted; 1 the file could not be written; 3 the \
      keys could not be had; 64 the command line is wrong.

      Example:

        pooltable jwks --user-pool-id eu-central-1_a1B2c3D4e --watch jwks.json
      """)

  @OptionGroup var issuer: IssuerOptions

  @Option(
    help: ArgumentHelp(
      "Go on until interrupted, and keep the keys in this file.", valueName: "file"),
    completion: .file())
  var watch: String?

  @Flag(
    help: "With --watch, also send NOTIFY pgrst, 'reload config' to the database after each change."
  )
  var notify = false

  @Option(
    help: ArgumentHelp(
      "With --watch, how often the keys are asked for.", valueName: "duration"))
  var interval = DurationArgument(.seconds(300))

  @OptionGroup var database: DatabaseOptions

  func validate() throws {
    guard !notify || watch != nil else { throw ValidationError("--notify needs --watch.") }
    guard (.seconds(1)...(.seconds(86_400))).contains(interval.duration) else {
      throw ValidationError("--interval must be from 1 second to a day.")
    }
  }

  func run() throws {
    let keys: PoolKeys
    do { keys = try poolKeys() } catch { throw Self.noKeys("\(error)") }
    guard let watch else {
      do {
        return print(try keys.all(until: .after(.seconds(20))).jsonText)
      } catch {
        throw Self.noKeys("\(error)")
      }
    }
    let parameters = notify ? try database.parameters() : nil
    Interruption.listen()
    try KeyFile(path: watch, keys: keys, interval: interval.duration, notifying: parameters)
      .keepUntilInterrupted()
  }

  private func poolKeys() throws -> PoolKeys {
    let environment = Environment.ofProcess()
    let fetcher = try KeyFetcher.forCommandLine(environment)
    return PoolKeys(try issuer.issuers(environment)) { (issuer, deadline) throws(KeyFailure) in
      try fetcher.keys(of: issuer, until: deadline)
    }
  }

  private static func noKeys(_ reason: String) -> ExitCode {
    StandardError.print(reason)
    return ExitCode(3)
  }
}
