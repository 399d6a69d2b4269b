#!/usr/bin/env bash
# A sweep through scripts/slurm/submit on a Slurm cluster of one node, which is started here on
# loopback and ended again. Arguments: the repository, the programs' folder. Ends with 77, which
# CTest takes for skipped, where Slurm cannot run.
set -euo pipefail

root=$1 bin=$2
export PATH=$PATH:/usr/sbin:/sbin

skip() {
  printf 'skipped: %s\n' "$*"
  exit 77
}

for tool in sbatch squeue scontrol slurmctld slurmd munged python3; do
  command -v "$tool" >/dev/null || skip "no $tool here (Debian: slurm-wlm, munge)"
done
[[ $(id -u) == 0 ]] || skip "slurmd needs root"

work=$(mktemp -d)
chmod 755 "$work"
daemons=()

# Daemons by the ids that they were started with, jobs by Slurm's own hand.
clean_up() {
  local status=$?
  [[ $status == 0 ]] || tail -n 60 "$work"/*.log "$work"/*/log-*.txt 2>/dev/null || true
  scancel --full --signal=KILL --user=root 2>/dev/null || true
  for ((i = ${#daemons[@]} - 1; i >= 0; i--)); do
    kill "${daemons[i]}" 2>/dev/null || true
    for _ in {1..50}; do
      kill -0 "${daemons[i]}" 2>/dev/null || break
      sleep 0.1
    done
    kill -KILL "${daemons[i]}" 2>/dev/null || true
    wait "${daemons[i]}" 2>/dev/null || true
  done
  rm -rf "$work"
}
trap clean_up EXIT

fail() {
  printf 'FAILED: %s\n' "$*"
  exit 1
}

# until_true <seconds> <what> <command...>
until_true() {
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    ((SECONDS < end)) || fail "waited in vain: $what"
    sleep 0.2
  done
}

# --- the cluster ----------------------------------------------------------------------------------

read -r ctld_port slurmd_port < <(python3 -c '
import socket
sockets = [socket.socket() for _ in range(2)]
for s in sockets: s.bind(("127.0.0.1", 0))
print(*(s.getsockname()[1] for s in sockets))')

start_cluster() {
  local host
  host=$(hostname -s)
  mkdir "$work/munge" "$work/state" "$work/spool"
  head -c 1024 /dev/urandom >"$work/munge/key"
  chmod 600 "$work/munge/key"
  export MUNGE_SOCKET=$work/munge/socket
  munged --foreground --force --key-file="$work/munge/key" --socket="$MUNGE_SOCKET" \
    --pid-file="$work/munge/pid" --log-file="$work/munge.log" --seed-file="$work/munge/seed" \
    >"$work/munged.log" 2>&1 &
  daemons+=($!)
  until_true 20 "munged's socket" test -S "$MUNGE_SOCKET"

  export SLURM_CONF=$work/slurm.conf
  cat >"$SLURM_CONF" <<CONF
ClusterName=mhabench
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$ctld_port
SlurmdPort=$slurmd_port
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$MUNGE_SOCKET
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
MailProg=/bin/true
MpiDefault=none
SwitchType=switch/none
ReturnToService=2
KillWait=5
SchedulerParameters=sched_interval=2,batch_sched_delay=0
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=test Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF
  slurmctld -D -i >"$work/slurmctld.log" 2>&1 &
  daemons+=($!)
  slurmd -D -N "$host" >"$work/slurmd.log" 2>&1 &
  daemons+=($!)
  until_true 60 "a node that is idle" node_is_idle
}

node_is_idle() { [[ $(sinfo --noheader --format=%T 2>/dev/null) == idle ]]; }
queue_is_empty() { [[ -z $(squeue --noheader 2>/dev/null || echo unknown) ]]; }
wait_for_jobs() { until_true 240 "the end of the jobs: $(squeue || true)" queue_is_empty; }

# --- sweeps ---------------------------------------------------------------------------------------

export MHABENCH_BIN=$bin
# For jobs, too: sbatch hands its environment on.
export OMP_WAIT_POLICY=passive
sweep=(--device=cpu --threads=1 --batch=2 "--seq_len=8,16" --embed_dim=16 "--heads=2,4" --beta=1)

submit() { "$root/scripts/slurm/submit" "$@"; }

# The rows of a merged file against the list of the grid's.
check_whole() {
  local file=$1
  shift
  "$bin/mha_bench" --list "$@" >"$work/expected"
  python3 -c '
import json, sys
for row in json.load(open(sys.argv[1]))["benchmarks"]: print(row["run_name"])' "$file" >"$work/seen"
  cmp "$work/expected" "$work/seen" || fail "the merged rows are not the grid's"
}

a_sweep_is_run_and_merged() {
  submit "$work/one" 3 --time=5 -- "${sweep[@]}" --benchmark_dry_run
  wait_for_jobs
  check_whole "$work/one/sweep.json" "${sweep[@]}"
  grep -q '^mha_merge: 8 rows of 3 shards: 0 wrong or failed, 0 missing$' "$work/one/log-merge.txt" ||
    fail "the merge does not say what it did"
}

the_same_command_goes_on_with_what_is_missing() {
  rm "$work/one/shard-2.json" "$work/one/sweep.json"
  touch -d 2001-01-01 "$work"/one/shard-[13].json
  submit "$work/one" 3 --time=5 -- "${sweep[@]}" --benchmark_dry_run
  wait_for_jobs
  check_whole "$work/one/sweep.json" "${sweep[@]}"
  [[ $(date -r "$work/one/shard-1.json" +%Y) == 2001 && $(date -r "$work/one/shard-3.json" +%Y) == 2001 ]] ||
    fail "a shard that was there has been run again"
}

a_requeued_shard_comes_to_its_end() {
  local id flags=("${sweep[@]}" --benchmark_min_time=0.5s)
  submit "$work/two" 2 -- "${flags[@]}"
  until_true 60 "a running shard" runs_a_row "$work/two/log-1.txt"
  id=$(squeue --noheader --array --states=RUNNING --format='%A %K' | awk '$2 == 1 { print $1 }')
  scontrol requeue "$id"
  # After a requeue Slurm waits for two minutes, since the node takes no credential of this job that
  # is not younger, by the second, than the end of its first run.
  sleep 3
  until_true 60 "a requeued job" release "$id"
  wait_for_jobs
  (($(grep -c '^mha_bench: shard 1/2: ' "$work/two/log-1.txt") >= 2)) || fail "the shard was not started again"
  check_whole "$work/two/sweep.json" "${flags[@]}"
}

runs_a_row() { grep -q '^\[' "$1" 2>/dev/null; }

release() {
  [[ $(squeue --noheader --jobs="$1" --format=%T 2>/dev/null) != PENDING ]] ||
    scontrol update jobid="$1" StartTime=now
  [[ $(squeue --noheader --jobs="$1" --format='%T' 2>/dev/null) == RUNNING ]] || queue_is_empty
}

another_sweep_in_the_folder_is_refused() {
  local message
  message=$(submit "$work/one" 3 -- "${sweep[@]}" 2>&1) && fail "it was taken"
  [[ $message == *"holds another sweep"* ]] || fail "not said why: $message"
  message=$(submit "$work/three" 3 -- --shard=1/2 2>&1) && fail "--shard was taken"
  [[ $message == *"is given by this script"* ]] || fail "not said why: $message"
  message=$(submit "$work/three" 3 -- --no_such_flag 2>&1) && fail "a wrong flag was taken"
  [[ $message == *"unknown flag"* && ! -e $work/three ]] || fail "not said why: $message"
  queue_is_empty || fail "something was submitted"
}

start_cluster
for case in a_sweep_is_run_and_merged the_same_command_goes_on_with_what_is_missing \
  a_requeued_shard_comes_to_its_end another_sweep_in_the_folder_is_refused; do
  printf -- '--- %s\n' "$case"
  "$case"
done
echo "passed"
