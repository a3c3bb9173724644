echo "${v-default}"

echo "${v:-default}" "${v:=set}" "$v"

v=; echo "[${v-default}]" "[${v:-default}]"

v=x; echo "${v+yes}" "${v:+yes}" "${w+yes}"

echo "${v:?not set}"; echo never

v=hello; echo ${#v} ${v:1} ${v:1:3} ${v: -2} ${v:0:-1}

f=a/b/c.tar.gz; echo ${f##*/} ${f%/*} ${f%.*} ${f%%.*} ${f#*/}

v=banana; echo ${v/a/X} ${v//a/X} ${v/#b/X} ${v/%a/X} ${v//an}

v=Hello; echo ${v^^} ${v,,} ${v^} ${v,}

v='a b'; echo ${v@Q}; echo "${v@U}"

a=(one two three); echo ${a[0]} ${a[-1]} ${#a[@]} ${a[@]:1} ${!a[@]}

a=(one two); a+=(three); for x in "${a[@]}"; do echo "<$x>"; done

a=(c a b); IFS=$'\n' sorted=($(sort <<< "${a[*]}")); echo "${sorted[@]}"

a=(1 2 3); unset 'a[1]'; echo "${a[@]}" "${!a[@]}"

declare -A m; m[x]=1; m[y]=2; for k in "${!m[@]}"; do echo "$k=${m[$k]}"; done | sort

declare -A m=([a]=1 [b]=2); echo ${#m[@]} ${m[b]} ${m[z]-none}

declare -A n; while read -r w; do ((n[$w]++)); done < dupes.txt; for k in "${!n[@]}"; do echo "$k ${n[$k]}"; done | sort

a=(x y); echo "${a[*]}"; IFS=,; echo "${a[*]}"

mapfile -t lines < words.txt; echo ${#lines[@]} "${lines[2]}"

readarray -t l < <(seq 3); echo "${l[@]}"

for i in 1 2 3; do echo $i; done

for i in {1..5}; do echo -n "$i "; done; echo

for i in {a..e}; do printf $i; done; echo

echo {01..10..3} {z..w} {a,b}{1,2}

for ((i=0; i<3; i++)); do echo $i; done

i=0; while [ $i -lt 3 ]; do echo $i; i=$((i+1)); done

i=0; until ((i >= 2)); do echo $((i++)); done

while read -r a b; do echo "$b $a"; done < mixed.txt

while IFS=, read -r name city age; do echo "$name is $age"; done < people.csv

while read -r line || [ -n "$line" ]; do echo "[$line]"; done <<< $'a\nb'

printf 'a\0b\0' | while IFS= read -r -d '' x; do echo "<$x>"; done

for f in *.csv; do echo "${f%.csv}"; done

for x; do echo $x; done

set -- a b c; echo $# $1 $3 "$@"; shift; echo $1

set -- "a b" c; for x in "$@"; do echo "<$x>"; done; for x in $*; do echo "[$x]"; done

if [ 1 -eq 1 ]; then echo a; elif true; then echo b; else echo c; fi

if false; then :; fi; echo $?

[[ abc == a* ]] && echo glob; [[ abc =~ ^(a)(b) ]] && echo "${BASH_REMATCH[2]}"

[[ 5 -gt 3 && a < b ]] && echo yes

[[ -z "" && -n x ]] && echo yes || echo no

[ "$x" = "" ] && echo empty

case banana in a*) echo a;; b*|c*) echo bc;; *) echo other;; esac

case x in x) echo one;;& ?) echo two;; esac; case y in y) echo 1;& z) echo 2;; esac

echo $((2 + 3 * 4)) $((7 / 2)) $((7 % 3)) $((2 ** 8)) $((-7 / 2))

echo $((16#ff)) $((0x1f)) $((010)) $((2#101))

echo $((5 > 3)) $((5 & 3)) $((5 | 3)) $((5 ^ 3)) $((~5)) $((1 << 4)) $((5 > 3 ? 10 : 20))

x=5; ((x++)); ((x += 10)); echo $x; let y=x*2; echo $y

((0)); echo $?; ((1)); echo $?

echo $(( (1 + 2) * 3 )) $((!0))

x=3; echo $((x*x)) $(($x+1))

f() { echo "in $1"; return 3; }; f a; echo $?

f() { local x=1; x=2; }; x=0; f; echo $x

fib() { (($1 < 2)) && echo $1 || echo $(( $(fib $(($1-1))) + $(fib $(($1-2))) )); }; fib 10

f() { echo "$# $*"; }; f a "b c" d

f() { local -n r=$1; r=changed; }; v=1; f v; echo $v

function g { echo "$FUNCNAME"; }; g

add() { echo $(($1 + $2)); }; x=$(add 2 3); echo "sum $x"

echo $(echo nested $(echo deep)) `echo old`

x=$(cat words.txt); echo "$x" | wc -l

x=$(printf 'a\n\n\n'); echo "[$x]"

cat <<EOF
v is ${v:-none} and $((1+1))
EOF

cat <<'EOF'
no $expansion `here`
EOF

cat <<-EOF
	tabs are stripped
	EOF

cat <<< "here $((1+2))"

cat <<A; cat <<B
one
A
two
B

cat <(echo one) <(echo two)

echo out; echo err >&2

{ echo a; echo b >&2; } 2>&1 | sort

echo x > f; echo y >> f; cat f

cat < words.txt > copy; cmp copy words.txt && echo same

ls nowhere 2> /dev/null || echo failed

exec 3> f; echo hi >&3; exec 3>&-; cat f

exec 3< words.txt; read -r a <&3; read -r b <&3; echo "$a $b"

echo a &> both; cat both

{ echo 1; echo 2; } > g; cat g

(cd dir && ls | head -1); ls | head -1

(exit 4); echo $?

true | false; echo $? ${PIPESTATUS[0]} ${PIPESTATUS[1]}

set -o pipefail; false | true; echo $?

set -e; false; echo never

set -e; if false; then :; fi; false || true; echo still

set -u; echo "${x:-ok}"; echo $x; echo never

set -euo pipefail; trap 'echo bye' EXIT; echo hi

trap 'echo caught' ERR; false; echo after

trap 'echo done' EXIT; exit 2

! true; echo $?

true && echo a || echo b; false && echo a || echo b

: ${x:=1}; echo $x

x=1 y=2; echo $x$y; x=3 bash -c 'echo $x'; echo $x

export E=1; bash -c 'echo $E'

readonly r=1; r=2; echo "after $r"

unset x; echo ${x-unset}

x=abc; echo "${x:$((1))}" '$x' "\$x" \$x

echo "a\nb" 'a\nb' $'a\nb'

echo a\ b 'single "double"' "double 'single'"

IFS=:; v=a:b:c; for x in $v; do echo $x; done

v="a  b"; echo $v; echo "$v"

read -r a b c <<< "1 2 3 4"; echo "$a|$b|$c"

IFS=, read -ra parts <<< "x,y,z"; echo ${#parts[@]} ${parts[1]}

read -n 2 x <<< abcd; echo $x

read -p prompt x < /dev/null; echo $?

echo ${!v*} > /dev/null; v=w; w=7; echo ${!v}

x=5; eval "echo \$x"; eval 'y=6'; echo $y

cmd="echo hi"; $cmd

a=("echo" "with space"); "${a[@]}"

type cd | head -1

command echo hi; builtin echo hi

alias ll=ls; echo ok

source lib.sh; greet bob

. ./lib.sh; echo $LIB

bash script.sh a b

bash -c 'echo $0 $1' zero one

sh -c 'echo $1' _ x

bash -s x <<< 'echo from stdin $1'

echo 'echo piped' | bash

chmod +x script.sh; ./script.sh q

env | grep -c '^HOME='

env X=1 bash -c 'echo $X'

env -i A=1 bash -c 'echo $A'

X=5 env | grep ^X=

printenv HOME > /dev/null; echo $?

getopts ab: o -a; echo $o

while getopts 'ab:' o -a -b val; do echo "$o ${OPTARG-}"; done

test 3 -lt 5 -a 2 -gt 1 && echo both

[ -n "a" -o -z "b" ] && echo or

[ "a" != "b" ] && [ ! -f x ] && echo ok

[[ "a b" == "a b" ]] && echo eq

echo $$ > /dev/null; echo ${BASH_VERSION:+bash} $0 > /dev/null; echo $?

echo $- > /dev/null; echo $LINENO

echo "$RANDOM" | grep -cE '^[0-9]+$'

echo ${PWD##*/} > /dev/null; cd dir; cd ..; echo $OLDPWD | sed 's|.*/||'

pushd dir > /dev/null; ls | head -1; popd > /dev/null; ls | head -1

sleep 0; echo slept

wait; echo $?

echo bg & wait; echo done

time true 2> /dev/null; echo $?

timeout 5 echo in time

seq 3 | xargs

seq 3 | xargs -n1 echo n

seq 3 | xargs -n 2

seq 3 | xargs -I{} echo 'item {}'

seq 3 | xargs -I % sh -c 'echo %-%'

seq 4 | xargs -P 2 -n 2 echo | sort

printf 'a b\nc d\n' | xargs -d '\n' -n1 echo

printf "'a b' c" | xargs -n1 echo

printf 'a\0b c\0' | xargs -0 -n1 echo

echo | xargs echo empty

echo -n | xargs -r echo nothing

seq 3 | xargs -t echo 2> /dev/null

seq 3 | xargs -L1 echo line

ls *.csv | xargs -I{} cp {} {}.bak; ls *.bak

seq 5 | xargs sh -c 'echo $# $1' _

echo a b | xargs -n1 false; echo $?

date -d '2024-02-29' +%Y-%m-%d

date -u -d '2024-01-15 10:30:00' '+%d/%m/%y %H:%M:%S'

date -u -d @0 +%FT%TZ

date -u -d @1700000000 '+%a %b %e %j %U'

date -u -d '2024-01-31 +1 day' +%F

date -u -d '2024-03-01 - 1 day' +%F

date -u -d '2024-01-01 next month' +%F

date -u -d '2024-01-15' +%s

date -u -d '15 Jan 2024' +%A

date -u -d 'Jan 15, 2024 3:04 PM' +%H:%M

date -u -d '2024-01-15T10:00:00+02:00' +%T

date -u -d '2024-01-15 + 2 weeks' +%F

touch -d '2024-05-06 07:08:09Z' t; date -u -r t +%FT%T

touch -t 202401020304 t; date -r t +%m%d

date -u -d '2024-12-30' '+%G-W%V %u %w %p %I'

date -u -d '2024-01-01' -Iseconds

date -u -d '2024-01-01' -R

date +%s | grep -cE '^[0-9]{10}$'

date -d 'not a date'; echo $?

date -u -d '2024-01-01 00:00:00 UTC' '+%s %N %%'

d1=$(date -u -d 2024-03-01 +%s); d2=$(date -u -d 2024-02-01 +%s); echo $(( (d1 - d2) / 86400 ))

date -u -d yesterday +%F | grep -cE '^[0-9-]{10}$'

date -u -d '2024-01-01 3 days ago' +%F

date -u -d '1 hour ago' +%s | grep -c .

printf '%(%Y)T\n' 0

echo "${x@A}"; x=1; declare -p x

declare -i n=5; n+=3; echo $n

declare -r c=1; declare -x d=2; declare -l e=ABC; echo $c $d $e

a=(1 2 3); echo "${a[@]/2/X}" "${a[@]^^}" "${a[@]: -1}"

s="a,b,c"; echo "${s//,/ }"; echo "${s%%,*}"

v=abc; echo "${v:0:1}${v:2}"; [[ $v == *b* ]] && echo contains

printf '%s\n' "${a[@]:-none}"

while true; do break; done; echo broke

for i in 1 2; do for j in 1 2; do [ $j = 2 ] && continue 2; echo $i$j; done; done

select_not_used=1; echo ok

echo ~ > /dev/null; echo ~+ > /dev/null; echo '~'

echo a; # comment

echo "multi
line"

echo a \
  b

x="$(cat <<EOF
heredoc in substitution
EOF
)"; echo "$x"

f() { cat; }; echo piped | f

if ! grep -q zzz words.txt; then echo absent; fi

n=$(wc -l < words.txt); echo "$((n + 1))"

total=0; for x in $(cat numbers.txt); do total=$((total + x)); done; echo $total

cat words.txt | while read w; do c=$((c+1)); done; echo "c=$c"

while read w; do c=$((c+1)); done < words.txt; echo "c=$c"

echo {1..3}{a,b} | tr ' ' '\n' | tail -2

printf '%s,' a b c | sed 's/,$/\n/'

test -t 1; echo $?

umask > /dev/null; echo $?

kill -0 $$; echo $?

hash -r; echo $?

echo "${#}" "$?" "${!:-}"

echo ${v:-$(echo computed)} ${w:-${x:-deep}}

v='*'; echo "$v"; set -f; echo *; set +f

coproc_missing=1; echo $coproc_missing

exit 7
