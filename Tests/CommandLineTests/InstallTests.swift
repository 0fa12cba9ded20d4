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
    try checkBash(share: share)

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

  /// What an argument can be is for the completion to say: with one, bash itself offers no file names.
  private func checkBash(share: String) throws {
    let rows: [(line: String, offered: String)] = [
      ("mig", "migrate"), ("replay al", "all.json alone"),
      ("replay --bootstrap al", "all.json alone"),
      ("local --bootstrap al", "all.json alone"), ("reconcile --from al", "all.json alone"),
      ("import --query al", "all.json alone"), ("import --from al", "all.json alone"),
      ("import --out al", "alone"), ("jwks --watch al", "all.json alone"),
      ("verify --jwks al", "all.json alone"), ("whoami --jwks al", "all.json alone"),
      ("events PostConf", "PostConfirmation_ConfirmForgotPassword PostConfirmation_ConfirmSignUp"),
      ("events AdminDeleteUserA", "AdminDeleteUserAttributes"), ("events Sch", "Schedule"),
    ]
    let script =
      #"""
      . "$0/bash-completion/completions/pooltable"
      cd "$(mktemp -d)" && mkdir alone && : >all.json
      complete=$(complete -p pooltable | sed 's/.*-F \([^ ]*\) .*/\1/')
      for line in "$@"; do
        read -ra COMP_WORDS <<<"pooltable $line"
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_LINE="pooltable $line" COMPREPLY=()
        COMP_POINT=${#COMP_LINE}
        "$complete" pooltable "${COMP_WORDS[-1]}" "${COMP_WORDS[-2]}"
        echo $(printf '%s\n' "${COMPREPLY[@]}" | sort)
      done
      rm -r "$PWD"
      """#
    let bash = try run(["/bin/bash", "-c", script, share] + rows.map(\.line))
    XCTAssertEqual(
      bash.output.split(separator: "\n").map(String.init), rows.map(\.offered), bash.errors)
  }

  private func checkManual(_ page: String) throws {
    let lint = try run("/usr/bin/mandoc", "-T", "lint", "-W", "error", page)
    XCTAssertEqual(lint.exitCode, 0, lint.output + lint.errors)
    var readers = [["/usr/bin/mandoc", "-T", "utf8", page]]
    if FileManager.default.isExecutableFile(atPath: "/usr/bin/man") {
      readers.append(["/usr/bin/env", "MANWIDTH=80", "man", "-P", "cat", "-l", page])
    }
    for reader in readers {
      let text = try run(reader).output
        // In a terminal's bold a character is printed twice, with a backspace between.
        .replacingOccurrences(of: ".\u{8}", with: "", options: .regularExpression)
      XCTAssertTrue(text.hasPrefix("POOLTABLE(1)"), text)
      let lines = Set(text.split(separator: "\n").map { String($0).trimmed })
      for command in [PoolTable.self] + PoolTable.configuration.subcommands {
        let configuration = command.configuration
        let abstract = configuration.abstract.split(separator: " ").prefix(3)
        XCTAssertTrue(text.contains(abstract.joined(separator: " ")), "\(reader): \(abstract)")
        let examples = configuration.discussion.split(separator: "\n").filter { $0.hasPrefix("  ") }
        XCTAssertFalse(examples.isEmpty)
        for line in examples where !lines.contains(String(line).trimmed) {
          XCTFail("\(reader): '\(line)' is not there as it is in --help")
        }
      }
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
