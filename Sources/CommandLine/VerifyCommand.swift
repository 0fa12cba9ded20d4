import ArgumentParser
import JSON
import TokenVerification

struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Verifies a token of a user pool, and prints its claims.",
    usage:
      "pooltable verify [-] --user-pool-id <id> (--client-id <id> ... | --any-client) [<options>]",
    discussion: """
      Looks at the form, the algorithm (RS256 and no other) and the issuer, before anybody is \
      asked for anything; then at the signature, by the pool's keys; then at the times, what the \
      token is for, and the app client. The keys are fetched from Cognito without AWS \
      credentials, where AWS_ENDPOINT_URL says, or taken from a file.

      Prints the claims as JSON, or says in one sentence why the token is not valid. The token \
      itself is never shown. A valid token may be that of a user who was disabled since: see \
      'pooltable whoami'.

      Exit codes: 0 valid; 1 not valid; 3 not known, the keys could not be had; 64 the command \
      line is wrong.

      Example:

        pooltable verify --user-pool-id eu-central-1_a1B2c3D4e \\
          --client-id 1h57kf5cpq17m0eml12EXAMPLE <token.txt
      """)

  @OptionGroup var token: TokenOptions

  func run() throws {
    let outcome = try token.outcome()
    if let problem = outcome.problem { StandardError.print(problem) }
    if token.json {
      print(outcome.jsonText)
    } else if let claims = outcome.claims {
      print(JSONValue.object(claims).jsonText)
    }
    if outcome.exitCode != 0 { throw ExitCode(outcome.exitCode) }
  }
}
