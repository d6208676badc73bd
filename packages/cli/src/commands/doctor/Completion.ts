/** Checks whether completions are installed for the shell of the user. */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as Settings from "../../config/Settings.ts"
import * as Shell from "../../shared/Shell.ts"
import * as Check from "./Check.ts"
import * as Machine from "./Machine.ts"

/** A non-empty environment variable, ignoring files. */
export const variable = (name: string) =>
  Effect.flatMap(
    Settings.Settings,
    ({ environment }) => Effect.orElseSucceed(Config.NonEmptyString(name).parse(environment), () => undefined)
  )

/**
 * Locations of completions by shell: `own` files contain only completions, `rc` files may load them. `~` is the home
 * directory, `$XDG_CONFIG_HOME` the configuration directory.
 */
const completionFiles: Readonly<
  Record<Shell.Name, { readonly own: ReadonlyArray<string>; readonly rc: ReadonlyArray<string> }>
> = {
  bash: {
    own: [
      "~/.local/share/bash-completion/completions/pcb",
      "/usr/share/bash-completion/completions/pcb",
      "/etc/bash_completion.d/pcb"
    ],
    rc: ["~/.bashrc", "~/.bash_profile", "~/.profile"]
  },
  zsh: {
    own: [
      "/usr/local/share/zsh/site-functions/_pcb",
      "/usr/share/zsh/site-functions/_pcb",
      "/opt/homebrew/share/zsh/site-functions/_pcb",
      "~/.zfunc/_pcb",
      "~/.zsh/completions/_pcb"
    ],
    rc: ["~/.zshrc", "~/.zprofile"]
  },
  fish: {
    own: ["$XDG_CONFIG_HOME/fish/completions/pcb.fish", "/usr/share/fish/vendor_completions.d/pcb.fish"],
    rc: ["$XDG_CONFIG_HOME/fish/config.fish"]
  },
  powershell: {
    own: [],
    rc: [
      "$XDG_CONFIG_HOME/powershell/Microsoft.PowerShell_profile.ps1",
      "$XDG_CONFIG_HOME/powershell/profile.ps1",
      "~/Documents/PowerShell/Microsoft.PowerShell_profile.ps1",
      "~/Documents/WindowsPowerShell/Microsoft.PowerShell_profile.ps1"
    ]
  }
}

const shellNames: ReadonlyArray<string> = Shell.names

const isShell = (name: string): name is Shell.Name => shellNames.includes(name)

/** The check of completions. */
export const completion = Effect.fnUntraced(function*(isCi: boolean) {
  if (isCi) return Check.skipped("completion", "not used in CI")
  const { platform } = yield* Machine.Machine
  const path = yield* Path.Path
  const fs = yield* FileSystem.FileSystem
  const login = path.basename((yield* variable("SHELL")) ?? (platform === "win32" ? "powershell" : ""), ".exe")
  const shell = login === "pwsh" ? "powershell" : login
  const home = (yield* variable("HOME")) ?? (yield* variable("USERPROFILE"))
  if (!isShell(shell) || home === undefined) {
    const why = shell === "" ? "SHELL is not set" : isShell(shell) ? "HOME is not set" : `not available for ${shell}`
    return Check.skipped("completion", why)
  }
  const config = (yield* variable("XDG_CONFIG_HOME")) ?? path.join(home, ".config")
  const { own, rc } = completionFiles[shell]
  const expand = (file: string) =>
    path.normalize(file.replace(/^~|^\$XDG_CONFIG_HOME/, (start) => start === "~" ? home : config))
  const isThere = (file: string) => Effect.orElseSucceed(fs.exists(file), () => false)
  const mentions = (file: string) =>
    Effect.map(
      Effect.orElseSucceed(fs.readFileString(file), () => ""),
      (text) => /^[^#]*\bpcb completion\b|^[^#]*\b_pcb\b|-CommandName pcb\b/m.test(text)
    )
  const [found] = [
    ...(yield* Effect.filter(own.map(expand), isThere)),
    ...(yield* Effect.filter(rc.map(expand), mentions))
  ]
  return found === undefined
    ? Check.warning("completion", `not installed for ${shell}`, Shell.install[shell])
    : Check.ok("completion", `${shell}, from ${found}`)
})
