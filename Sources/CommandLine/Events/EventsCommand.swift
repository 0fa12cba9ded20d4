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
      SOURCE is a trigger source in full (PostConfirmation_ConfirmSignUp), a call that CloudTrail \
      records (AdminDeleteUser), Schedule, or AppSync. What no option says is made up, and is the \
      same each time: without options the events of all sources are of one user. Events are \
      valid and complete, one a line, for 'pooltable replay -' or 'aws lambda invoke --payload'.

      An option for which the event has no place is an error, which names the options that it \
      takes. The values of --argument, --source and --claim are read as JSON; one that is none \
      is a text.

      Exits with 64 when there is no such source or event.

      Example:

        pooltable events PostConfirmation_ConfirmSignUp \\
          --attribute email=ada@example.com |
          pooltable replay --database-url postgres://postgres@127.0.0.1/app -
        pooltable events TokenGeneration_HostedAuth --token-version 3 \\
          --provider Google --group staff
        pooltable events AppSync --field Query.users --argument limit=10 \\
          --claim 'cognito:groups=["admin"]'
      """)

  @Argument(
    help: ArgumentHelp("Where the event comes from; --list names them.", valueName: "source"),
    completion: .list(SampleSource.all.map(\.name)))
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
    if let source { _ = try event(of: source, number: 1) }
  }

  func run() throws {
    guard let source else { return printList() }
    for number in 1...count {
      let event = try event(of: source, number: number)
      // As it is: JSON escapes most of what could steer a terminal, and the rest was given by whoever reads it.
      print(String(decoding: event.json, as: UTF8.self))
    }
  }

  /// - Throws: where there is no such source, or the options do not go with it or with each other, whatever the number.
  private func event(of source: String, number: Int) throws -> SampleEvent {
    let (known, options) = (try Self.source(source), try options())
    if count > 1, !known.usableOptions.contains(.count) {
      throw ValidationError("\(SampleError.unusable(.count, known))")
    }
    do {
      return try SampleEvent(of: known, options, number: number, at: .now())
    } catch {
      throw ValidationError("\(error)")
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
