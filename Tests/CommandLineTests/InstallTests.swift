import Foundation
import TestSupport
import XCTest

@testable import CommandLine

/// `scripts/install`, with the programs that are built already.
final class InstallTests: XCTestCase {
  private let environment = ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"]

  func testWhatIsInstalledIsFoundByShellsAndManualsAndRunsBootstrap() throws {
    let prefix = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
      .appendingPathComponent("install \(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: prefix) }
    let install = try run(
      "scripts/install", "--prefix", prefix.path, "--built", TestEnvironment.products.path)
    XCTAssertEqual(install.exitCode, 0, install.errors)
    XCTAssertTrue(install.errors.contains("Put \(prefix.path)/bin into PATH."), install.errors)
    let files = try FileManager.default.subpathsOfDirectory(atPath: prefix.path).filter {
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(
        atPath: "\(prefix.path)/\($0)", isDirectory: &isFolder) && !isFolder.boolValue
    }
    XCTAssertEqual(
      install.output.split(separator: "\n").map(String.init),
      files.sorted().map { "\(prefix.path)/\($0)" }, "the list is not what is there")

    let command = try run("\(prefix.path)/bin/pooltable", "--version")
    XCTAssertEqual(command.exitCode, 0, command.errors)
    try checkShells(share: "\(prefix.path)/share")
    try checkManual("\(prefix.path)/share/man/man1/pooltable.1")
    try checkReplay(prefix: prefix)
  }

  func testAWrongArgumentIsToldAndNothingIsBuilt() throws {
    for (arguments, words) in [
      (["--prefix"], "--prefix needs a folder, as ~/.local"),
      (["--built", "/"], "--built needs a folder with pooltable: run 'swift build"),
      (["x"], "unknown argument x; try --help"),
    ] {
      let install = try run(["scripts/install"] + arguments)
      XCTAssertEqual(install.exitCode, 1)
      XCTAssertTrue(install.errors.contains(words), install.errors)
    }
  }

  func testBootstrapIsBesidePoolTableOrInLibexec() {
    XCTAssertEqual(
      BootstrapProgram.places(for: "/opt/pt/bin/pooltable"),
      ["/opt/pt/bin/bootstrap", "/opt/pt/libexec/pooltable/bootstrap"])
    XCTAssertEqual(
      BootstrapProgram.places(for: "/pooltable"), ["/bootstrap", "libexec/pooltable/bootstrap"])
  }

  // MARK: -

  /// Each shell is asked as it asks itself when Tab is pressed.
  private func checkShells(share: String) throws {
    let bash = try run(
      "/bin/bash", "-c",
      """
      . "$0/bash-completion/completions/pooltable"
      COMP_WORDS=(pooltable mig) COMP_CWORD=1 COMP_LINE='pooltable mig' COMP_POINT=13
      "$(complete -p pooltable | sed 's/.*-F \\([^ ]*\\) .*/\\1/')" pooltable mig pooltable
      echo "${COMPREPLY[@]}"
      """, share)
    XCTAssertEqual(bash.output.trimmed, "migrate", bash.errors)

    let zsh = try run(
      "/usr/bin/zsh", "-f", "-c",
      """
      fpath=("$1/zsh/site-functions" $fpath)
      autoload -Uz compinit && compinit -D && print $_comps[pooltable]
      autoload +X _pooltable && zsh -n $functions_source[_pooltable] && print loaded
      """, "zsh", share)
    XCTAssertEqual(zsh.output, "_pooltable\nloaded\n", zsh.errors)

    let fish = try run(
      "/usr/bin/fish", "--no-config", "--command",
      """
      set PATH $argv[1]/../bin $PATH
      set fish_complete_path $argv[1]/fish/vendor_completions.d
      complete --do-complete 'pooltable mig'
      """, share)
    XCTAssertEqual(
      fish.output, "migrate\tBrings the schema 'cognito' up to date.\n", fish.errors)
  }

  private func checkManual(_ page: String) throws {
    let lint = try run("/usr/bin/mandoc", "-T", "lint", "-W", "error", page)
    XCTAssertEqual(lint.exitCode, 0, lint.output + lint.errors)
    let text = try run("/usr/bin/mandoc", "-T", "ascii", page).output
      // In a terminal's bold a character is printed twice, with a backspace between.
      .replacingOccurrences(of: ".\u{8}", with: "", options: .regularExpression)
    XCTAssertTrue(text.hasPrefix("POOLTABLE(1)"), text)
    for command in PoolTable.configuration.subcommands {
      let abstract = command.configuration.abstract.split(separator: " ").prefix(3)
      XCTAssertTrue(text.contains(abstract.joined(separator: " ")), "\(abstract)")
    }
  }

  private func checkReplay(prefix: URL) throws {
    let database = try TestDatabase()
    let event = TestEnvironment.fixtures.appendingPathComponent(
      "events/sources/PostConfirmation_ConfirmSignUp.json")
    let replay = try CommandRun.run(
      prefix.appendingPathComponent("bin/pooltable"), ["replay", event.path],
      environment.merging(["DATABASE_URL": database.handlerURL]) { $1 })
    XCTAssertEqual(replay.exitCode, 0, replay.errors)
    XCTAssertTrue(replay.output.contains("inserted"), replay.output)
  }

  private func run(_ words: String...) throws -> CommandRun { try run(words) }

  private func run(_ words: [String]) throws -> CommandRun {
    try CommandRun.run(
      URL(fileURLWithPath: words.first ?? "", relativeTo: TestEnvironment.packageRoot),
      Array(words.dropFirst()), environment)
  }
}

extension String {
  fileprivate var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
