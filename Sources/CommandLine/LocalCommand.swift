import ArgumentParser
import Clock
import FoundationEssentials
import Glibc
import LocalLambda
import Settings

struct LocalCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "local",
    abstract: "Serves 'bootstrap' on this machine, as Lambda does.",
    discussion: """
      Answers Lambda's Invoke API on 127.0.0.1, so that the AWS command line, the SDKs and whatever \
      else calls Lambda work against the real 'bootstrap', which has this environment. Prints how to \
      call it.

      A process is started for a call that finds none free. It ends when its file has changed, and \
      after a time-out. A call of the type Event runs when a process is free, and once: a failure is \
      not tried again. Every qualifier is $LATEST.

      Prints a line an invocation: when, what came, what became of it (in the words of 'replay', or \
      timed out, exited, failed), in how many milliseconds, and whether a process was started for it \
      (cold). Control-C ends it when the invocations in hand are over.

      Example:

        DATABASE_URL=postgres://postgres@127.0.0.1/app pooltable local --port 9000
      """)

  @OptionGroup var database: DatabaseOptions

  @Option(
    help: ArgumentHelp(
      "The program to run. (default: 'bootstrap' beside pooltable)", valueName: "path"),
    completion: .file())
  var bootstrap: String?

  @Option(help: ArgumentHelp("Where to listen on 127.0.0.1; 0 takes a free port.", valueName: "n"))
  var port: UInt16 = 9000

  @Option(help: ArgumentHelp("As callers name it.", valueName: "name"))
  var functionName = "pooltable"

  @Option(
    help: ArgumentHelp("When an invocation is given up: 1s to 15min.", valueName: "duration"))
  var timeout = DurationArgument(.seconds(5))

  @Option(
    help: ArgumentHelp("How many processes; a call more is refused with 429.", valueName: "n"))
  var concurrency = 10

  @Flag(help: "Print one JSON object a line.")
  var json = false

  func validate() throws {
    if !FunctionIdentity.isName(functionName) {
      throw ValidationError("--function-name must be 1 to 64 letters, digits, '-' and '_'.")
    }
    if timeout.duration < .seconds(1) || timeout.duration > .seconds(900) {
      throw ValidationError("--timeout must be 1s to 15min.")
    }
    if !(1...1000).contains(concurrency) {
      throw ValidationError("--concurrency must be 1 to 1000.")
    }
  }

  func run() throws {
    let executable = try BootstrapProgram.find(bootstrap)
    var environment = ProcessInfo.processInfo.environment
    if let url = database.url { environment["DATABASE_URL"] = url }
    // The outcomes are read from its log.
    environment["AWS_LAMBDA_LOG_FORMAT"] = "JSON"
    environment["LOG_LEVEL"] = "INFO"
    let settings = LocalFunctionSettings(
      function: FunctionIdentity(name: functionName, region: Environment.ofProcess().region),
      executable: executable,
      environment: environment, timeout: timeout.duration, concurrency: concurrency)
    let printer = LocalPrinter(asJSON: json)
    let function: LocalFunction
    do {
      function = try LocalFunction(settings, port: port, tell: printer.print)
    } catch .systemCall("bind", EADDRINUSE) {
      throw CommandFailure(
        "port \(port) is taken: end what listens there, or give another --port")
    } catch {
      throw CommandFailure("could not listen on port \(port): \(error.words)")
    }
    Interruption.listen()
    StandardError.print("\(functionName) is served on \(function.url); ^C ends it. To call it:")
    StandardError.print(
      "  aws lambda invoke --endpoint-url \(function.url) --no-sign-request "
        + "--region \(settings.function.region) --function-name \(functionName) "
        + "--payload fileb://event.json /dev/stdout")
    function.serve { Interruption.isRequested }
  }
}
