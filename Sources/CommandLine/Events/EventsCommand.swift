import ArgumentParser
import Clock
import CognitoTriggers
import JSON
import SampleEvents

struct EventsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "events",
    abstract: "Prints an event as AWS sends it, to try the function with.",
    discussion: """
      SOURCE is a trigger source in full (PostConfirmation_ConfirmSignUp), a call that CloudTrail tells of \
      (AdminDeleteUser), Schedule, or AppSync. What no option says is made up, the same each time: the first \
      event of every source is of the same user. Events are valid and complete, one a line.

        pooltable events PostConfirmation_ConfirmSignUp --attribute email=ada@example.com | pooltable replay -
        pooltable events TokenGeneration_HostedAuth --token-version 3 --provider Google --group staff
        pooltable events AppSync --field Query.users --argument limit=10 --claim 'cognito:groups=["admin"]'
        aws lambda invoke --function-name pooltable --cli-binary-format raw-in-base64-out \\
          --payload "$(pooltable events PostAuthentication_Authentication)" /dev/stdout

      An option for which the event has no place is an error that names those it has a place for. The values \
      of --argument, --source and --claim are JSON where they can be read as such, and else texts.
      """)

  @Argument(
    help: ArgumentHelp("Where the event comes from; --list names them.", valueName: "source"))
  var source: String?

  @Flag(help: "Print the name of every source, and what has happened then.")
  var list = false

  @Option(help: ArgumentHelp("How many events, each of another user.", valueName: "n"))
  var count = 1

  @OptionGroup(title: "Whose event") var whose: WhoseOptions

  @OptionGroup(title: "Of triggers") var trigger: TriggerEventOptions

  @OptionGroup(title: "Of AppSync") var field: FieldOptions

  func validate() throws {
    guard list == (source == nil) else {
      throw ValidationError("Name a source, or give --list.")
    }
    guard count >= 1 else { throw ValidationError("--count must be 1 or more.") }
    if count > 1, whose.sub != nil || whose.username != nil {
      throw ValidationError("--sub and --username name one user: leave out --count.")
    }
    _ = try options()
  }

  func run() throws {
    guard let source else { return printList() }
    let (known, options) = (try Self.source(source), try options())
    if count > 1, !known.usableOptions.contains(.count) {
      throw ValidationError("\(SampleError.unusable(.count, known))")
    }
    for number in 1...count {
      do {
        let event = try SampleEvent(of: known, options, number: number, at: .now())
        // What steers a terminal JSON escapes, but for what turns the reading direction; the event is to stay as it is.
        print(String(decoding: event.json, as: UTF8.self))
      } catch {
        throw ValidationError("\(error)")
      }
    }
  }

  private static func source(_ name: String) throws -> SampleSource {
    if let source = SampleSource(name) { return source }
    let meant = SampleSource.all.first { $0.name.lowercased() == name.lowercased() }
    throw ValidationError(
      "there is no source \(name)"
        + (meant.map { "; \($0.name) is one" } ?? "; 'pooltable events --list' names them all"))
  }

  private func options() throws -> SampleOptions {
    var options = SampleOptions()
    whose.set(&options)
    trigger.set(&options)
    try field.set(&options)
    return options
  }

  private func printList() {
    let width = SampleSource.all.map(\.name.count).max() ?? 0
    for source in SampleSource.all {
      let gap = String(repeating: " ", count: width - source.name.count)
      StandardOutput.print("\(source.name)\(gap)  \(source.summary)")
    }
  }
}
