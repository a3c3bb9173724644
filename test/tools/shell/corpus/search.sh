grep a words.txt

grep -v a words.txt

grep -i APPLE words.txt

grep -c a words.txt

grep -n an words.txt

grep -o '[0-9]\+' log.txt

grep -oE '[0-9]+' log.txt | head -3

grep -E '^(a|b)' words.txt

grep -w an prose.txt; echo $?

grep -x banana words.txt

grep -l a *.txt

grep -L a words.txt numbers.txt

grep -r needle dir

grep -rn needle dir

grep -rl needle dir | sort

grep -rh needle dir

grep -r --include='*.md' needle .

grep -q a words.txt; echo $?

grep zzz words.txt; echo $?

grep a nowhere.txt; echo $?

grep -s a nowhere.txt; echo $?

grep -A1 banana words.txt

grep -B1 banana words.txt

grep -C1 banana words.txt

grep -m1 a words.txt

grep -F 'a.b' special.txt

grep 'a.b' special.txt

grep -e apple -e cherry words.txt

grep -f patterns.txt words.txt

grep -P '\d{3}' log.txt | head -2

grep -oP '(?<=user=)\w+' log.txt

grep -c '' words.txt

grep '^$' gaps.txt | wc -l

grep -nE 'ERROR|WARN' log.txt

grep -E 'a{2}' <<< $'aa\na'

grep 'a\{2\}' <<< $'aa\na'

grep -E '\bcat\b' <<< $'cat\ncats'

grep '\<ap' words.txt

grep '[[:digit:]]' mixed.txt

grep '[^a-z]' words.txt; echo $?

grep -H a words.txt | head -1

grep -h a words.txt numbers.txt

grep -on a words.txt | head -3

grep -b an words.txt

grep --color=never a words.txt | head -1

grep -vc a words.txt

grep -E 'user=(ann|bob)' log.txt

grep 'x\|apple' words.txt

grep -E '(a)(n)\2?' words.txt

grep -E '(.)\1' words.txt

grep -z a words.txt | tr '\0' '\n' | head -1

grep -A1 ERROR log.txt

grep -- -x dashes.txt

egrep 'a|b' words.txt | head -2

fgrep . special.txt

find . -name '*.txt' | sort

find . -type d | sort

find dir -type f | sort

find . -maxdepth 1 -type f | sort

find dir -mindepth 2 | sort

find . -name '*.md' -o -name '*.csv' | sort

find . -iname 'README*' | sort

find . -not -name '*.txt' -type f | sort

find . ! -name '*.txt' -type f | sort | head -3

find dir -name '*.md' -exec cat {} \;

find dir -name '*.md' -exec cat {} + | sort

find dir -type f -exec basename {} \; | sort

find dir -type f -print0 | xargs -0 cat | sort

find dir -empty | sort

find . -size +100c -type f | sort

find . -size -2 -type f | sort | head -3

find . -path './dir/*' -type f | sort

find dir -name '*.tmp' -delete; find dir -type f | sort

touch -d 2020-01-01 words.txt; find . -type f -name '*.txt' -newer words.txt | wc -l

find . -regex '.*/[a-d][a-z]*\.txt' | sort

find dir -type f -printf '%f\n' | sort

find dir -type f -printf '%p %s\n' | sort

find dir -type f -printf '%P\n' | sort

find . -maxdepth 1 -name 'w*' -print

find dir -prune

find . -path ./dir -prune -o -type f -print | sort | head -3

find . \( -name '*.md' -o -name '*.csv' \) -type f | sort

find . -type f | wc -l

find dir -type f -perm 644 | sort

find nowhere; echo $?

find dir -maxdepth 1 -exec echo found {} \; | sort

find . -type f -name '*.txt' | xargs grep -l needle | sort

find . -name '*.txt' | xargs wc -l | tail -1

find dir -name '*.md' | while read -r f; do echo "$(basename "$f" .md)"; done | sort

find . -type l; ln -s words.txt link; find . -type l

find dir -depth | tail -1

find . -name w\* -quit; find . -name words.txt -print -quit

find dir -type f -exec sh -c 'echo "${1##*/}"' _ {} \; | sort

ls

ls | head -3

ls dir

ls -a dir

ls -1 dir

ls *.csv

ls -d */

ls -R dir

ls dir dir2

ls words.txt people.csv

ls nowhere; echo $?

ls -p | head -4

ls -F dir

ls -r *.csv *.json

ls -S *.txt | head -2

ls | wc -l

ls -A dir | tr '\n' ' '

ls -l words.txt | awk '{print $1, $5, $NF}'

ls -m *.csv

echo *.csv

echo [a-c]*.txt

echo d*/*.md

echo nomatch*

echo {words,people}.*

echo ???*.csv

shopt -s nullglob; echo x*y; echo end

shopt -s globstar; echo dir/**/*.md

shopt -s extglob; echo !(*.txt|dir*)

shopt -s dotglob; cd dir; echo *

du -a dir | wc -l

du -s dir > /dev/null; echo $?

stat -c '%n %s' words.txt

stat -c %a words.txt

stat -c '%F' dir words.txt

stat --format=%s words.txt

file words.txt

file -b words.txt

file dir

tree dir

which ls > /dev/null; echo $?

which no-such-command; echo $?

command -v nothing-here; echo $?

type -t cd if ls

test -f words.txt && echo yes

[ -d dir ] && echo yes

[ -s empty.txt ] || echo empty

[ -e nowhere ] || echo no

[[ -x words.txt ]] || echo no

[ words.txt -nt nowhere ] && echo newer

readlink -f words.txt | sed 's|.*/||'

ln -s words.txt l; readlink l

realpath dir/../words.txt | sed 's|.*/||'
